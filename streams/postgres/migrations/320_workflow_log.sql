-- Which log the checkpoint was made from: a sequence of another log says nothing about this one.
ALTER TABLE workflow.checkpoint ADD COLUMN first_event_id uuid;
