"""The only room that speaks SQL: tables, migrations, questions per resource, and the one writer of statuses."""
