-- Version 2: which job published a key is asked for every study that comes.
CREATE INDEX result_key ON result (key);
