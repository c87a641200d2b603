namespace FullStack.Imap.Sorting;

/// <summary>One message with a value for each criterion of a SORT.</summary>
internal readonly record struct SortRow(int Number, uint Uid, SortValue[] Values);
