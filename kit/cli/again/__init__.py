"""A recorded run started once more: its settings kept, its pattern rebuilt, replayed, resumed."""
