using FullStack.Store.Posix;

namespace FullStack.Store.Places;

/// <summary>Which homes mail may lie in: those below the directories that the configuration names.</summary>
public static class HomeRoots
{
    /// <summary>Where no home is, whatever a configuration says.</summary>
    private static readonly string[] NeverHomes =
        ["/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr", "/var/cache", "/var/lib/dpkg", "/var/log", "/var/run"];

    /// <summary>Whether the system has what mail in homes needs.</summary>
    public static bool IsSupported => SafePath.IsSupported;

    /// <summary>What is wrong with a directory below which homes are to lie; null: nothing.</summary>
    public static string? ProblemOf(string directory)
        => !directory.StartsWith('/') || directory.Any(char.IsControl) || Path.GetFullPath(directory) != directory || directory.Length == 1
            ? "it is no absolute path of a directory below /, written plainly"
            : Array.Find(NeverHomes, never => directory == never || IsBelow(directory, never)) is { } system ? $"{system} belongs to the system" : null;

    /// <summary>What is wrong with the place of a Maildir in homes; null: nothing.</summary>
    public static string? ProblemOfMaildir(string path)
        => path.Length == 0 || path.StartsWith('/') || path.EndsWith('/') || path.Any(char.IsControl) || path.Split('/').Any(static part => part is "" or "." or "..")
            ? "it is no path in a home" : null;

    /// <summary>Where an account's Maildir is to be, without symbolic links. Blocks; makes the home where that is wished.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="options">Where homes may lie.</param>
    /// <param name="wanted">What the directory says; it names a home.</param>
    /// <param name="problem">Why there is no such place now.</param>
    internal static string? Locate(IMaildirFiles files, StoreOptions options, WantedPlace wanted, out string? problem)
    {
        string home = wanted.Home!;
        problem = home.Any(char.IsControl) ? "the home is no path" : ProblemOfMaildir(wanted.Maildir) is { } no ? $"{wanted.Maildir}: {no}" : null;
        if (problem is not null)
            return null;
        if (SafePath.Canonical(home) is not { } canonical)
        {
            // Nothing is made where a file system may be missing, unless an administrator says that homes are made here.
            string? above = options.MakeHomes ? options.HomeRoots.FirstOrDefault(root => IsBelow(home, root) && Directory.Exists(root)) : null;
            FileError made = above is null ? FileError.NotFound : Maildir.MaildirFolder.MakeTree(files, home);
            if (made != FileError.None || SafePath.Canonical(home) is not { } now)
            {
                problem = above is null ? $"the home {home} is not there (store.make_homes would have it made)" : $"the home {home} cannot be made: {made}";
                return null;
            }

            canonical = now;
        }

        if (!options.HomeRoots.Any(root => SafePath.Canonical(root) is { } allowed && IsBelow(canonical, allowed)))
            problem = canonical == home
                ? $"the home {home} is not below a directory of store.home_roots ({string.Join(", ", options.HomeRoots)})"
                : $"the home {home} is {canonical}, which is not below a directory of store.home_roots ({string.Join(", ", options.HomeRoots)})";
        else if (ProblemOf(canonical) is { } system)
            problem = $"the home {canonical}: {system}";
        else if (canonical == options.Root || IsBelow(canonical, options.Root) || IsBelow(options.Root, canonical))
            problem = $"the home {home} and the server's own folder {options.Root} lie in each other";
        return problem is null ? $"{canonical}/{wanted.Maildir}" : null;
    }

    private static bool IsBelow(string path, string directory) => path.StartsWith(directory.TrimEnd('/') + "/", StringComparison.Ordinal);
}
