namespace FullStack.Queue.Aliases;

/// <summary>By what a file that has changed is known; the default where there is no file.</summary>
/// <param name="Written">When it was last written to, in UTC.</param>
/// <param name="Octets">Its length.</param>
internal readonly record struct FileStamp(DateTime Written, long Octets);
