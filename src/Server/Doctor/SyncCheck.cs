using System.Globalization;
using FullStack.Store;

namespace FullStack.Server.Doctor;

/// <summary>Whether what was synced is on a disk: where it lies, how it is mounted, and whether syncing takes the time that a disk needs.</summary>
/// <param name="Folder">The data folder.</param>
/// <param name="Sync">Whether the store syncs.</param>
/// <param name="Mounts">The lines of /proc/self/mountinfo.</param>
/// <param name="Measure">Syncs per second in a folder, one after the other.</param>
internal sealed record SyncCheck(string Folder, SyncMode Sync, Func<IEnumerable<string>> Mounts, Func<string, double> Measure) : IDoctorCheck
{
    /// <summary>More a second, one after the other, no disk does whose cache survives a power cut: 10 µs is what the fastest need.</summary>
    private const double Implausible = 100_000;

    private const double SlowBelow = 20;

    private static readonly string[] s_memory = ["tmpfs", "ramfs"];
    private static readonly string[] s_remote = ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p"];
    private static readonly string[] s_careless = ["nobarrier", "barrier=0", "async"];

    public static readonly FindingKind Off = new("sync.off", FindingLevel.Warning, "store.sync is none: a power cut loses mail that was acknowledged.", "Set store.sync: full, unless this is a trial.");
    public static readonly FindingKind Memory = new("sync.memory", FindingLevel.Error, "The data folder is in memory: a restart of the machine loses all mail.", "Move the data folder to a disk.");
    public static readonly FindingKind Remote = new("sync.remote", FindingLevel.Warning, "The data folder is on another host's file system: SQLite's WAL and inotify do not work there.", "Move the data folder to a local disk.");
    public static readonly FindingKind Careless = new("sync.mount", FindingLevel.Error, "The file system is mounted so that syncing does not wait for the disk.", "Mount it without these options.");
    public static readonly FindingKind Fast = new("sync.implausible", FindingLevel.Warning, "Syncing is faster than a disk can be: something between here and the disk only says that it has written.", "Look at the virtual machine's cache mode and the controller's write cache; use writethrough, or a cache with a battery.");
    public static readonly FindingKind Slow = new("sync.slow", FindingLevel.Warning, "Fewer than 20 syncs a second: each message needs some.", "Look at the disk, or at what else uses it.");

    public string Name => "sync";

    public IReadOnlyList<FindingKind> Kinds => [Off, Memory, Remote, Careless, Fast, Slow];

    public Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct)
    {
        List<Finding> findings = [];
        if (Sync == SyncMode.None)
            findings.Add(new(Off, "store.sync: none"));
        if (MountOf(Path.GetFullPath(Folder)) is { } mount)
        {
            string where = $"{Folder} is on {mount.Kind} at {mount.Point} ({mount.Options})";
            string[] options = mount.Options.Split(',');
            findings.Add(s_memory.Contains(mount.Kind) ? new(Memory, where) : s_remote.Contains(mount.Kind) ? new(Remote, where)
                : s_careless.Any(options.Contains) ? new(Careless, where) : new(FindingKind.Ok(Name), where));
        }
        else
        {
            findings.Add(new(FindingKind.Unknown(Name), "/proc/self/mountinfo does not say where the data folder is"));
        }

        double rate = Measure(Folder);
        FindingKind kind = rate > Implausible ? Fast : rate < SlowBelow ? Slow : FindingKind.Ok(Name);
        findings.Add(new(kind, string.Create(CultureInfo.InvariantCulture, $"{rate:0} syncs a second, one after the other")));
        return Task.FromResult<IReadOnlyList<Finding>>(findings);
    }

    /// <summary>Writes and syncs a file again and again, for a quarter of a second.</summary>
    public static double MeasureIn(string folder, TimeProvider time)
    {
        string file = Path.Combine(folder, $".doctor-{Guid.NewGuid():N}");
        try
        {
            using FileStream stream = new(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            byte[] octets = new byte[4096];
            long begun = time.GetTimestamp();
            int syncs = 0;
            do
            {
                stream.Write(octets);
                stream.Flush(flushToDisk: true);
                syncs++;
            }
            while (time.GetElapsedTime(begun) < TimeSpan.FromMilliseconds(250));
            return syncs / time.GetElapsedTime(begun).TotalSeconds;
        }
        finally
        {
            File.Delete(file);
        }
    }

    // "36 35 98:0 /root /point options - kind source super-options" (proc(5)); the longest point that the folder is below.
    private (string Point, string Kind, string Options)? MountOf(string folder)
    {
        (string Point, string Kind, string Options)? best = null;
        foreach (string line in Mounts())
        {
            string[] words = line.Split(' ');
            int dash = Array.IndexOf(words, "-");
            if (dash < 6 || dash + 3 >= words.Length)
                continue;
            string point = words[4].Replace("\\040", " ", StringComparison.Ordinal);
            bool isAbove = point == "/" || folder == point || folder.StartsWith(point + "/", StringComparison.Ordinal);
            if (isAbove && point.Length >= (best?.Point.Length ?? 0))
                best = (point, words[dash + 1], $"{words[5]},{words[dash + 3]}");
        }

        return best;
    }
}
