using System.Globalization;

namespace FullStack.Server.Doctor;

/// <summary>Whether the system lets the server have as many files and watches as its connections need.</summary>
/// <param name="Proc">Where /proc is.</param>
/// <param name="Server">The server's process; null: none runs.</param>
/// <param name="Connections">The connections that it may serve at once.</param>
internal sealed record LimitsCheck(string Proc, int? Server, int Connections) : IDoctorCheck
{
    /// <summary>For libraries, databases, mail on its way.</summary>
    private const int FilesBesides = 1000;

    public static readonly FindingKind FewFiles = new("limits.files", FindingLevel.Warning, "The server may have fewer files open than its connections, and mail on its way, need.", "Raise LimitNOFILE in the service, or lower limits.connections.");
    public static readonly FindingKind FewWatches = new("limits.watches", FindingLevel.Warning, "inotify has fewer watches than there may be open mailboxes: what other programs do to the others is noticed late.", "sysctl fs.inotify.max_user_watches=524288");
    public static readonly FindingKind NoInstance = new("limits.instances", FindingLevel.Warning, "A user may have few inotify instances; the server needs two.", "sysctl fs.inotify.max_user_instances=128");

    public string Name => "limits";

    public IReadOnlyList<FindingKind> Kinds => [FewFiles, FewWatches, NoInstance];

    public Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct)
    {
        List<Finding> findings = [];
        int wanted = Connections + FilesBesides;
        if (Server is { } process)
        {
            string? line = File.ReadLines(Path.Combine(Proc, process.ToString(CultureInfo.InvariantCulture), "limits")).FirstOrDefault(static line => line.StartsWith("Max open files", StringComparison.Ordinal));
            string soft = line?[26..].TrimStart().Split(' ')[0] ?? "";
            bool isKnown = long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long files) || soft == "unlimited";
            findings.Add(!isKnown ? new(FindingKind.Unknown(Name), "the server's process does not say how many files it may open")
                : new(soft != "unlimited" && files < wanted ? FewFiles : FindingKind.Ok(Name), string.Create(CultureInfo.InvariantCulture, $"the server may open {soft} files; {Connections} connections may want {wanted}")));
        }
        else
        {
            findings.Add(new(FindingKind.Unknown(Name), "no server runs whose file limit could be looked at"));
        }

        findings.Add(Look("max_user_watches", Connections, FewWatches));
        findings.Add(Look("max_user_instances", 16, NoInstance));
        return Task.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private Finding Look(string name, int wanted, FindingKind few)
    {
        string file = Path.Combine(Proc, "sys/fs/inotify", name);
        return File.Exists(file) && int.TryParse(File.ReadAllText(file).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int there)
            ? new(there < wanted ? few : FindingKind.Ok(Name), string.Create(CultureInfo.InvariantCulture, $"fs.inotify.{name} is {there}; {wanted} are wanted"))
            : new(FindingKind.Unknown(Name), $"{file} does not say");
    }
}
