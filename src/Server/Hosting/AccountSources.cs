using FullStack.Auth.Backends;

namespace FullStack.Server.Hosting;

/// <summary>Makes the directories of a configuration.</summary>
internal static class AccountSources
{
    /// <exception cref="DirectoryUnavailableException">One cannot be made any more, though it could when the configuration was read: the file of a password is gone.</exception>
    public static IReadOnlyList<BackendEntry> Make(IReadOnlyList<DirectoryDescription> descriptions)
    {
        List<BackendEntry> entries = [];
        foreach (DirectoryDescription description in descriptions)
        {
            entries.Add(DirectoryKinds.TryCreate(description, out BackendEntry? entry, out string? trouble)
                ? entry
                : throw new DirectoryUnavailableException($"the directory {description.Name}: {trouble}"));
        }

        return entries;
    }
}
