using System.Globalization;
using FullStack.Store.Verify;

namespace FullStack.Server.Doctor;

/// <summary>Whether the databases are whole: those of the server, then those of accounts, as far as the time goes.</summary>
/// <param name="Data">The data folder.</param>
/// <param name="ProblemOf">What is wrong with a database; null: nothing.</param>
internal sealed record IndexCheck(string Data, Func<string, string?> ProblemOf) : IDoctorCheck
{
    private static readonly string[] s_servers = ["directory.db", "queue/queue.db", "mail/.usage.db"];

    public static readonly FindingKind Damaged = new("index.damaged", FindingLevel.Error, "A database is damaged.", "An account's index: `fullstack mailbox rebuild ADDRESS` makes it anew. The directory or the queue: restore it from a backup. Then look for the cause: the disk, or its memory.");

    public string Name => "index";

    public IReadOnlyList<FindingKind> Kinds => [Damaged];

    public Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct)
    {
        List<Finding> findings = [];
        int looked = 0;
        int left = 0;
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        enough.CancelAfter(Examination.Limit / 2);
        foreach (string file in s_servers.Select(name => Path.Combine(Data, name)).Where(File.Exists).Concat(Accounts()))
        {
            if (enough.IsCancellationRequested)
            {
                left++;
                continue;
            }

            looked++;
            if (ProblemOf(file) is { } problem)
                findings.Add(new(Damaged, $"{file}: {problem}"));
        }

        findings.Add(new(FindingKind.Ok(Name), string.Create(CultureInfo.InvariantCulture, $"{looked} databases looked at, {findings.Count} damaged")));
        if (left > 0)
            findings.Add(new(FindingKind.Unknown(Name), string.Create(CultureInfo.InvariantCulture, $"no time was left for {left} databases: `fullstack mailbox check` looks at all")));
        return Task.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private IEnumerable<string> Accounts()
    {
        string mail = Path.Combine(Data, "mail");
        return !Directory.Exists(mail) ? [] : Directory.EnumerateDirectories(mail).SelectMany(Directory.EnumerateDirectories).Select(static account => Path.Combine(account, "index.db")).Where(File.Exists);
    }
}
