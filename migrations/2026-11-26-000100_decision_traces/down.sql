DROP TABLE decision_traces;
