"""The rulebase in other forms: tables, DMN, diagrams, and the difference between two."""
