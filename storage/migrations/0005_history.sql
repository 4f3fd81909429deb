-- Version 5: the history of a patient. What a result says of whom, of when and how it was made; NULL = not looked up yet, ''
-- = it does not tell. It is looked up once, in the published folder itself, at its publishing or at the next start.
ALTER TABLE result ADD COLUMN patient TEXT;
ALTER TABLE result ADD COLUMN study_date TEXT;
ALTER TABLE result ADD COLUMN standing TEXT CHECK (standing IN ('', 'final', 'preliminary'));
ALTER TABLE result ADD COLUMN method TEXT;
CREATE INDEX result_patient ON result (patient, study_date);
CREATE INDEX result_without_facts ON result (job, revision) WHERE patient IS NULL;
CREATE INDEX job_patient ON job (patient, study_date) WHERE patient <> '';
