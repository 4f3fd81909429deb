-- Version 3: which results are of the same images, whatever the clicks. NULL = not known; in `result` it is looked up once
-- at the next start, and '' = nothing tells it.
ALTER TABLE job ADD COLUMN images TEXT;
ALTER TABLE result ADD COLUMN images TEXT;
CREATE INDEX result_images ON result (images, job, revision);
