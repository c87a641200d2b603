using System.Diagnostics;
using System.Globalization;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Store;
using FullStack.Store.Verify;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Crash.Soak;

/// <summary>
/// A soak: phases of load with faults, each of which ends in a kill, in a restart or in quiet, and then in a look at everything. In the first half of the time the
/// server is killed and restarted; in the second it lives, and what it takes of the system is looked at after each phase.
/// </summary>
internal sealed class SoakRun : IAsyncDisposable
{
    private const int PhasesWanted = 50, LeastPhases = 3;
    private const int LeastActs = 150; // of a phase, however slow the machine is
    private const double ShortestPhase = 3, LongestPhase = 16;
    private const int FaultsOfPhase = 2;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly Random _random;
    private readonly TimeSpan _time;
    private readonly bool _kills;
    private readonly NextHopHost _elsewhere = new();
    private readonly ScriptedDns _dns = new();
    private readonly SoakSite _site;
    private readonly SoakStage _stage;
    private readonly Inspection _inspection;
    private readonly Faults _faults;
    private readonly LogReader _log;
    private readonly List<ISoakClient> _clients;
    private VitalsSeries _vitals = new();

    /// <param name="format">How the server keeps mail.</param>
    /// <param name="time">How long it takes.</param>
    /// <param name="seed">The course of events.</param>
    /// <param name="kills">Whether the server is killed and restarted in the first half of the time.</param>
    public SoakRun(StoreFormat format, TimeSpan time, int seed, bool kills)
    {
        _random = new(seed);
        _time = time;
        _kills = kills;
        _dns.Add("""
            elsewhere.test 1 MX 10 hop.elsewhere.test
            hop.elsewhere.test 1 A 127.0.0.1
            """);
        _site = new(format, _elsewhere.EndPoint, _dns.EndPoint);
        _stage = new(format);
        _inspection = new(_stage, _elsewhere);
        _faults = new(_site, _stage, _dns, new(seed + 1));
        _log = new(_stage.Tally);
        _clients = Clients(_stage, seed);
    }

    /// <summary>The server's log, all its lives together.</summary>
    public IReadOnlyList<string> Log => _log.Lines;

    /// <summary>Soaks.</summary>
    /// <param name="report">Is given what was done and found so far, after each phase.</param>
    /// <param name="ct">Ends it at once.</param>
    /// <returns>What was done and found.</returns>
    public async Task<Tally> RunAsync(Func<Tally, Task> report, CancellationToken ct)
    {
        Stopwatch watch = Stopwatch.StartNew();
        TimeSpan phase = TimeSpan.FromSeconds(Math.Clamp(_time.TotalSeconds / PhasesWanted, ShortestPhase, LongestPhase));
        _stage.Tally.Note(_site.HasOwnDisk ? "The disk was the server's own, and was filled." : "No disk could be mounted: it was never full.");
        _stage.Tally.Note(_site.HasOwnClock ? "The clock was set." : "There is no C compiler: the clock was never set.");
        _stage.Server = await _site.StartAsync(ct);
        for (int n = 1; _time > TimeSpan.Zero && (n <= LeastPhases || watch.Elapsed < _time); n++)
        {
            bool lives = !_kills || watch.Elapsed > _time / 2;
            Ending ending = lives ? Ending.Quiet : (Ending)(n % 3);
            await PhaseAsync(phase, ending, ct);
            string when = $"phase {n}, {ending}, after {watch.Elapsed.TotalSeconds:0} s";
            await DrainAsync(when, ct);
            await _inspection.CheckAsync(when, ct);
            _log.Read(_stage.Server.Log, _stage.Spells > 0);
            if (ending == Ending.Quiet)
                await LookAsync(when, ct);
            await report(_stage.Tally);
            if (_stage.Tally.Findings.Count > 50)
                break;
        }

        await EndAsync(ct);
        return _stage.Tally;
    }

    public async ValueTask DisposeAsync()
    {
        await _stage.DisposeServerAsync();
        await _elsewhere.DisposeAsync();
        _dns.Dispose();
        _site.Dispose();
    }

    private static List<ISoakClient> Clients(SoakStage stage, int seed)
    {
        List<ISoakClient> clients = [];
        void Add(Func<string, Random, ISoakClient> make) => clients.Add(make($"c{clients.Count}", new(seed + 100 + clients.Count)));
        Add((name, random) => new Sending(stage, ListenerProtocol.Smtp, name, random));
        Add((name, random) => new Sending(stage, ListenerProtocol.Smtp, name, random));
        Add((name, random) => new Sending(stage, ListenerProtocol.Submission, name, random));
        Add((name, random) => new Sending(stage, ListenerProtocol.Submission, name, random));
        Add((name, random) => new Sending(stage, ListenerProtocol.Lmtp, name, random));
        foreach (string user in SoakSite.Users)
            Add((name, random) => new Keeping(stage, user, name, random));
        Add((name, random) => new Keeping(stage, "alice", name, random));
        Add((name, random) => new Keeping(stage, "bob", name, random));
        Add((_, random) => new Resyncing(stage, "alice", random));
        Add((_, random) => new Resyncing(stage, "dave", random));
        foreach (string user in (string[])["alice", "carol", SoakSite.Small, SoakSite.Forwarding])
            Add((_, random) => new Collecting(stage, user, random));
        return clients;
    }

    private async Task PhaseAsync(TimeSpan time, Ending ending, CancellationToken ct)
    {
        _stage.IsEnding = _stage.Ledger.IsOver = false;
        int actsBefore = _stage.Tally.Total;
        Task[] work = [.. _clients.Select(client => _stage.WorkAsync(client, new(_random.Next()), ct)), _faults.CutAsync(ct)];
        for (int i = 0; i < FaultsOfPhase; i++)
        {
            TimeSpan turn = time / FaultsOfPhase, pause = turn * _random.NextDouble() * 0.5;
            await Task.Delay(pause, ct);
            await _faults.NextAsync((turn - pause) * 0.8, ct);
            if (work.FirstOrDefault(static task => task.IsFaulted) is { } failed)
                await failed;
            if (_stage.Server.HasEnded)
                throw new InvalidOperationException($"the server ended:{Environment.NewLine}{string.Join(Environment.NewLine, _stage.Server.Log.TakeLast(40))}");
        }

        while (_stage.Tally.Total < actsBefore + LeastActs && !_stage.Server.HasEnded)
            await Task.Delay(s_pause, ct);
        await Task.Delay(_random.Next(300), ct);
        switch (ending)
        {
            case Ending.Kill:
                _stage.Ledger.IsOver = true;
                _inspection.NoteKill();
                await _stage.Server.KillAsync();
                _inspection.NoteKill();
                _stage.Tally.Count("faults: SIGKILL");
                break;
            case Ending.Terminate:
                _stage.Ledger.IsOver = true;
                bool isFull = _stage.Spells % 2 == 1;
                if (isFull)
                    _inspection.NoteKill(); // What the queue cannot write down even now is lost with its memory (docs/limits.md).
                if (await _stage.Server.TerminateAsync(ct) is var code and not 0)
                    _stage.Tally.Found($"told to stop, the server ended with {code}");
                if (isFull)
                    _inspection.NoteKill();
                _stage.Tally.Count("faults: SIGTERM");
                break;
            default:
                _stage.IsEnding = true;
                break;
        }

        await Task.WhenAll(work);
        if (ending != Ending.Quiet)
            await RestartAsync(ct);
    }

    private async Task RestartAsync(CancellationToken ct)
    {
        _log.Read(_stage.Server.Log, _stage.Spells > 0);
        _log.NextLife();
        await _stage.DisposeServerAsync();
        _stage.Server = await _site.StartAsync(ct);
        _vitals = new();
    }

    /// <summary>Waits until the queue is empty, with a next hop that takes everything.</summary>
    private async Task DrainAsync(string when, CancellationToken ct, bool withFiles = false)
    {
        _elsewhere.IsKind = true;
        if (await QueueInspection.RemainderAsync(_site.Queue, ct, withFiles) is { } remainder)
            _stage.Tally.Found($"{when}: {remainder}");
        _elsewhere.IsKind = false;
    }

    private async Task LookAsync(string when, CancellationToken ct)
    {
        Vitals look = await Vitals.AtRestAsync(_stage.Server.ProcessId, ct);
        _vitals.Add(look);
        _stage.Tally.Note(string.Create(CultureInfo.InvariantCulture, $"{when}: {look.AnonymousMiB:0.0} MiB, {look.Handles} handles, {look.Threads} threads"));
    }

    /// <summary>The last checks: what the server took of the system, what it says of itself, and, with it gone, what the store says.</summary>
    private async Task EndAsync(CancellationToken ct)
    {
        _stage.Tally.Found(_vitals.Growth());
        _site.SetClock(Faults.FurthestOn);
        await RestartAsync(ct);
        await DrainAsync("at the end", ct, withFiles: true);
        await _inspection.CheckAsync("at the end", ct);
        if (await _stage.Server.TerminateAsync(ct) is var code and not 0)
            _stage.Tally.Found($"told to stop in quiet, the server ended with {code}");
        _log.Read(_stage.Server.Log, _stage.Spells > 0);
        _stage.Tally.Found(QueueInspection.Problems(_site.Queue, _stage.Ledger));
        (int exitCode, string output) = await ChildServer.RunAsync(["mailbox", "check", "--config", _site.Configuration], ct);
        if (exitCode != 0)
            _stage.Tally.Found($"mailbox check: {output}");
        StoreOptions options = new() { Root = _site.Mail, Format = _site.Format, HostName = "mail.example.test" };
        await using MailStore store = new(options, TimeProvider.System, NullLoggerFactory.Instance);
        foreach (string user in SoakSite.Users)
            _stage.Tally.Found((await MailboxVerifier.VerifyAsync(store, TestMailServer.AccountOf(user), ct)).Select(problem => $"{user}: {problem}"));
    }

    /// <summary>How a phase ends.</summary>
    private enum Ending
    {
        Quiet,
        Kill,
        Terminate,
    }
}
