using FullStack.Store;
using System.Globalization;
using System.Text;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Harness.Transcripts;

/// <summary>Plays a transcript against a fresh server.</summary>
public sealed class TranscriptPlayer : IAsyncDisposable
{
    private readonly Transcript _transcript;
    private readonly Cutting _cutting;
    private readonly int _seed;
    private readonly Random _random;
    private readonly StringBuilder _dialogue = new();
    private readonly LinePattern _patterns = new();
    private readonly SortedDictionary<int, PlayedConnection> _connections = [];
    private TestMailServer? _server;
    private StoreFormat _format;
    private int _line;

    private TranscriptPlayer(Transcript transcript, Cutting cutting, int seed)
    {
        _transcript = transcript;
        _cutting = cutting;
        _seed = seed;
        _random = new(seed);
    }

    internal TestMailServer Server => _server!;
    internal Transcript Transcript => _transcript;

    /// <summary>Plays it once, from server start to the checks at the end.</summary>
    /// <exception cref="TranscriptFailureException">The server did something else; the message shows what, where and the dialogue.</exception>
    /// <param name="transcript">What is played.</param>
    /// <param name="cutting">How the client's octets are cut into packets.</param>
    /// <param name="seed">Of the random cuts.</param>
    /// <param name="format">How the server's mail lies on the disk.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task PlayAsync(Transcript transcript, Cutting cutting, int seed, StoreFormat format = StoreFormat.Maildir, CancellationToken ct = default)
    {
        await using TranscriptPlayer player = new(transcript, cutting, seed) { _format = format };
        try
        {
            await player.PlayAsync(ct);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            throw player.Failure(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PlayedConnection connection in _connections.Values)
            await connection.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>Opens a connection, and logs in on it unless the transcript shows that itself.</summary>
    internal async Task OpenAsync(int number, string? login, CancellationToken ct)
    {
        if (_connections.Remove(number, out PlayedConnection? old))
            await old.CloseAsync(ct);
        TranscriptHeader header = _transcript.Header;
        ListenerProtocol protocol = ProtocolOf(number);
        ListenerTls tls = header.Tls == TranscriptTls.Implicit ? ListenerTls.Implicit : ListenerTls.Start;
        if (protocol is ListenerProtocol.Smtp or ListenerProtocol.Lmtp or ListenerProtocol.Odmr)
            tls = ListenerTls.Start;
        PlayedConnection connection = await PlayedConnection.OpenAsync(number, Server.Listener(protocol, tls), _cutting, _random, _dialogue, ct);
        _connections.Add(number, connection);
        if (!header.GreetingShown)
            await connection.LogInAsync(login ?? LoginOf(number, protocol), header.Tls, ct);
    }

    internal Task CloseAsync(int number, CancellationToken ct) => Connection(number).CloseAsync(ct);

    internal void Reset(int number) => Connection(number).Reset();

    internal void StartCompression(int number) => Connection(number).StartCompression();

    internal Task AuthenticateAsync(int number, string mechanism, string identity, string password, string binding, CancellationToken ct)
        => Connection(number).AuthenticateAsync(mechanism, identity, password, binding, ct);

    internal Task StartTlsAsync(int number, CancellationToken ct) => Connection(number).StartTlsAsync(ct);

    /// <summary>The server must have closed a connection, or, after <paramref name="halfClose"/>, close it without another word.</summary>
    internal async Task ExpectEndAsync(int number, bool halfClose, CancellationToken ct)
    {
        PlayedConnection connection = Connection(number);
        string rest = await connection.ReadToEndAsync(halfClose, ct);
        if (rest.Length > 0 && !(halfClose && IsGoodbye(connection.Protocol, rest)))
            throw Mismatch($"nothing more on connection {number}", rest);
    }

    /// <summary>Stops and starts the server; connections that were open are opened again.</summary>
    internal async Task RestartAsync(CancellationToken ct)
    {
        int[] open = [.. _connections.Where(static pair => !pair.Value.IsOver).Select(static pair => pair.Key)];
        foreach (PlayedConnection connection in _connections.Values)
            await connection.DisposeAsync();
        await Server.RestartAsync(ct);
        foreach (int number in open)
            await OpenAsync(number, login: null, ct);
    }

    internal void Note(string what) => _dialogue.AppendLine($"  ({what})");

    internal static TranscriptFailureException Mismatch(string expected, string got)
        => new($"  expected: {expected}{Environment.NewLine}  got:      {got}");

    private async Task PlayAsync(CancellationToken ct)
    {
        TranscriptHeader header = _transcript.Header;
        _server = await TestMailServer.StartAsync(new() { Settings = header.Settings, Format = _format }, ct);
        TranscriptStage stage = new(this, _patterns);
        await stage.SeedMessagesAsync(header.Messages, ct);
        if (header.Needs.Count > 0 && _cutting == Cutting.Whole)
            await stage.CheckNeedsAsync(header.Needs, ProtocolOf(1), ct);
        for (int number = 1; number <= header.Connections; number++)
            await OpenAsync(number, login: null, ct);

        foreach (TranscriptStep step in _transcript.Steps)
        {
            _line = step.Line;
            await PlayStepAsync(step, stage, ct);
        }

        _line = 0;
        await FlushAllAsync(except: 0, ct);
        foreach ((int number, PlayedConnection _) in _connections.Where(static pair => !pair.Value.IsOver).ToArray())
            await ExpectEndAsync(number, halfClose: true, ct);
        await stage.CheckMailboxesAsync(ct);
        Server.Log.CheckNoAlarm();
    }

    private async Task PlayStepAsync(TranscriptStep step, TranscriptStage stage, CancellationToken ct)
    {
        if (step is TranscriptStep.Send send)
        {
            await FlushAllAsync(except: send.Connection, ct);
            Connection(send.Connection).Send(_patterns.Expand(send.Text));
            return;
        }

        await FlushAllAsync(except: 0, ct);
        switch (step)
        {
            case TranscriptStep.Expect expect:
                string? line = await Connection(expect.Connection).ReadLineAsync(ct);
                if (line is null || !_patterns.TryMatch(expect.Pattern, line))
                    throw Mismatch(expect.Pattern, line ?? "(the server closed)");
                break;
            case TranscriptStep.ExpectUnordered expect:
                await ExpectUnorderedAsync(expect, ct);
                break;
            case TranscriptStep.ExpectOctets expect:
                string octets = await Connection(expect.Connection).ReadOctetsAsync(expect.Octets.Length, ct);
                if (octets != expect.Octets)
                    throw Mismatch(expect.Octets, octets);
                break;
            case TranscriptStep.Directive directive:
                await stage.RunAsync(directive, ct);
                break;
        }
    }

    private async Task ExpectUnorderedAsync(TranscriptStep.ExpectUnordered expect, CancellationToken ct)
    {
        List<string> lines = [];
        foreach (string _ in expect.Patterns)
        {
            string? line = await Connection(expect.Connection).ReadLineAsync(ct);
            if (line is null || !expect.Patterns.Any(pattern => _patterns.Matches(pattern, line)))
                throw Mismatch($"in any order: {string.Join(" | ", expect.Patterns)}", line ?? "(the server closed)");
            lines.Add(line);
        }

        if (!TryAssign([.. expect.Patterns], lines))
            throw Mismatch($"in any order: {string.Join(" | ", expect.Patterns)}", string.Join(" | ", lines));
    }

    /// <summary>Gives each pattern a line of its own; tries on where an early choice leaves none for a later one.</summary>
    private bool TryAssign(IReadOnlyList<string> patterns, IReadOnlyList<string> lines)
    {
        if (patterns.Count == 0)
            return true;
        for (int i = 0; i < lines.Count; i++)
        {
            if (_patterns.Matches(patterns[0], lines[i]) && TryAssign([.. patterns.Skip(1)], [.. lines.Where((_, at) => at != i)]))
                return _patterns.TryMatch(patterns[0], lines[i]);
        }

        return false;
    }

    private async Task FlushAllAsync(int except, CancellationToken ct)
    {
        foreach ((int number, PlayedConnection connection) in _connections)
        {
            if (number != except && !connection.IsOver)
                await connection.FlushAsync(ct);
        }
    }

    private PlayedConnection Connection(int number)
        => _connections.TryGetValue(number, out PlayedConnection? connection)
            ? connection
            : throw new TranscriptFailureException($"connection {number} is not open: say connections: {number} or @open {number}");

    /// <summary>A server may say goodbye to a client that closes first.</summary>
    private static bool IsGoodbye(ListenerProtocol protocol, string rest)
    {
        string start = protocol switch
        {
            ListenerProtocol.Imap => "* BYE ",
            ListenerProtocol.Pop3 => "-ERR ",
            _ => "421 ",
        };
        return rest.StartsWith(start, StringComparison.Ordinal) && rest.IndexOf('\n', StringComparison.Ordinal) == rest.Length - 1;
    }

    private ListenerProtocol ProtocolOf(int number)
    {
        IReadOnlyList<string> listeners = _transcript.Header.Listeners is { Count: > 0 } given ? given : [_transcript.Protocol];
        string name = listeners[Math.Min(number, listeners.Count) - 1];
        return Enum.Parse<ListenerProtocol>(name, ignoreCase: true);
    }

    private string LoginOf(int number, ListenerProtocol protocol)
    {
        IReadOnlyList<string> logins = _transcript.Header.Logins;
        return logins.Count > 0 ? logins[Math.Min(number, logins.Count) - 1] : protocol is ListenerProtocol.Smtp or ListenerProtocol.Lmtp ? "no" : "alice";
    }

    private TranscriptFailureException Failure(Exception e)
    {
        StringBuilder text = new();
        string how = string.Create(CultureInfo.InvariantCulture, $"played as {_cutting}, seed {_seed}");
        text.AppendLine($"tests/Conformance/{_transcript.File}:{(_line == 0 ? "start or end" : _line)} ({how})");
        text.AppendLine(e is TranscriptFailureException ? e.Message : $"  {e.GetType().Name}: {e.Message}");
        text.AppendLine("dialogue:").Append(_dialogue);
        IEnumerable<LogEntry> alarms = _server?.Log.Alarms.Take(5) ?? [];
        foreach (LogEntry alarm in alarms)
            text.AppendLine(alarm.ToString());
        return new(text.ToString(), e);
    }
}
