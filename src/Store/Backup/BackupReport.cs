namespace FullStack.Store.Backup;

/// <summary>What a backup came to.</summary>
/// <param name="Linked">Files that are hard links of the server's own.</param>
/// <param name="Copied">Files that were copied, databases among them.</param>
/// <param name="CopiedOctets">Octets of these.</param>
/// <param name="Left">What is in it not at all, and why.</param>
public sealed record BackupReport(long Linked, long Copied, long CopiedOctets, IReadOnlyList<string> Left);
