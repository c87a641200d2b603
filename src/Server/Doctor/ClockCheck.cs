using System.Globalization;

namespace FullStack.Server.Doctor;

/// <summary>Whether the clock is kept right, and agrees with that of the file system and with what was written before.</summary>
/// <param name="Folder">The data folder.</param>
/// <param name="Time">The clock.</param>
/// <param name="IsSynchronised">What the kernel says; null: nothing.</param>
internal sealed record ClockCheck(string Folder, TimeProvider Time, Func<bool?> IsSynchronised) : IDoctorCheck
{
    private static readonly TimeSpan s_difference = TimeSpan.FromSeconds(5);

    public static readonly FindingKind Unsynchronised = new("clock.unsynchronised", FindingLevel.Warning, "The kernel says that nothing keeps its clock right.", "Run a time service, such as systemd-timesyncd or chrony: certificates, DNSSEC and logins with codes need the time.");
    public static readonly FindingKind OtherDisk = new("clock.file_system", FindingLevel.Warning, "A file that was just made has another time than the clock: the file system is another host's.", "Synchronise both hosts; better, keep the data folder on a local file system.");
    public static readonly FindingKind Backwards = new("clock.backwards", FindingLevel.Error, "A file of the server's is from the future: the clock is wrong now, or was then.", "Set the clock. If it is right now, the files' times pass by themselves.");

    public string Name => "clock";

    public IReadOnlyList<FindingKind> Kinds => [Unsynchronised, OtherDisk, Backwards];

    public Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct)
    {
        List<Finding> findings = [];
        bool? kept = IsSynchronised();
        findings.Add(kept is null ? new(FindingKind.Unknown(Name), "the kernel does not say whether its clock is kept right")
            : kept.Value ? new(FindingKind.Ok(Name), "the kernel says that its clock is kept right")
            : new(Unsynchronised, "the kernel says that its clock is not kept right"));
        DateTimeOffset now = Time.GetUtcNow();
        if (Directory.Exists(Folder))
        {
            DateTimeOffset made = TimeOfNewFile();
            DateTimeOffset after = Time.GetUtcNow();
            TimeSpan apart = made < now ? made - now : made > after ? made - after : TimeSpan.Zero; // making it may have taken long
            if (apart.Duration() > s_difference)
                findings.Add(new(OtherDisk, string.Create(CultureInfo.InvariantCulture, $"a new file in {Folder} is {apart.TotalSeconds:0} s away from the clock")));
            foreach (FileInfo file in new DirectoryInfo(Folder).EnumerateFiles().Where(file => file.LastWriteTimeUtc > now.UtcDateTime + s_difference))
                findings.Add(new(Backwards, string.Create(CultureInfo.InvariantCulture, $"{file.FullName} is of {file.LastWriteTimeUtc:yyyy-MM-dd HH:mm:ss}, and now it is {now.UtcDateTime:yyyy-MM-dd HH:mm:ss}")));
        }

        return Task.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private DateTimeOffset TimeOfNewFile()
    {
        string file = Path.Combine(Folder, $".doctor-{Guid.NewGuid():N}");
        try
        {
            using (File.Create(file, 1, FileOptions.None))
                return new FileInfo(file).LastWriteTimeUtc;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
