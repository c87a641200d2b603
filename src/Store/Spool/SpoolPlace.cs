namespace FullStack.Store.Spool;

/// <summary>Where a file of a spool lies. Neither part comes from a peer.</summary>
/// <param name="Folder">A folder below the spool's root.</param>
/// <param name="Name">A name in it.</param>
public readonly record struct SpoolPlace(string Folder, string Name);
