-- Which history a projection was folded from: the roots of the tree over the events up to its checkpoint, largest
-- subtree first, 64 hex digits each, '' at checkpoint 0. Null in a line that an older program wrote.
alter table ledger_projections add column roots text collate "C";
