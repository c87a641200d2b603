using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using FullStack.Harness.Clients;
using FullStack.Server;
using FullStack.Server.Configuration;
using FullStack.Store;

namespace FullStack.Crash.Soak;

/// <summary>What all clients of a soak share: the server of the moment, what it said, and the connections to it.</summary>
internal sealed class SoakStage(StoreFormat format)
{
    private const double AfterFull = 20;

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly ConcurrentDictionary<Wire, bool> _wires = new();
    private volatile ChildServer? _server;
    private volatile bool _isEnding;
    private int _spells;
    private double _lastTurn = double.MinValue;

    /// <summary>How the server keeps mail.</summary>
    public StoreFormat Format { get; } = format;

    public Ledger Ledger { get; } = new();

    public Holdings Holdings { get; } = new();

    public Tally Tally { get; } = new();

    /// <summary>Which message each unique-id of POP3 named.</summary>
    public ConcurrentDictionary<(string User, string Name), string> NamesSeen { get; } = new();

    /// <summary>Messages that were acknowledged for <see cref="SoakSite.Small"/> since the last look.</summary>
    public ConcurrentQueue<string> PromisedToSmall { get; } = new();

    public ChildServer Server
    {
        get => _server ?? throw new InvalidOperationException("no server runs");
        set => _server = value;
    }

    /// <summary>Ends the server, where one runs.</summary>
    public async ValueTask DisposeServerAsync()
    {
        if (_server is { } server)
            await server.DisposeAsync();
    }

    /// <summary>Clients are to finish what they do and leave.</summary>
    public bool IsEnding
    {
        get => _isEnding;
        set => _isEnding = value;
    }

    /// <summary>Odd while the disk is full, and a little longer: then the server may refuse what it would else do.</summary>
    public int Spells => Volatile.Read(ref _spells);

    /// <summary>Since the soak began.</summary>
    public double Seconds => _watch.Elapsed.TotalSeconds;

    /// <summary>Whether the disk is or was full a moment ago: what could not be numbered then is so within some seconds.</summary>
    public bool WasFullLately => Spells % 2 == 1 || Seconds - _lastTurn < AfterFull;

    /// <summary>When the disk was full, for the report.</summary>
    public string SpellStory { get; private set; } = "the disk was never full";

    /// <summary>The disk is full from now on, or has room again.</summary>
    public void TurnSpell()
    {
        Interlocked.Increment(ref _spells);
        _lastTurn = Seconds;
        SpellStory = string.Create(CultureInfo.InvariantCulture, $"at {_watch.Elapsed.TotalSeconds:0.0} s the disk {(Spells % 2 == 1 ? "was full" : "had had room for a second")}");
    }

    /// <summary>Whether the disk was full at some time since then.</summary>
    /// <param name="before"><see cref="Spells"/> at that time.</param>
    public bool WasFullSince(int before) => before % 2 == 1 || Spells != before;

    /// <summary>Connects, reads the greeting, and turns TLS on in one of the ways that there are.</summary>
    public async Task<Wire> OpenAsync(ListenerProtocol protocol, Random random, CancellationToken ct)
    {
        bool hasImplicit = protocol is ListenerProtocol.Submission or ListenerProtocol.Imap or ListenerProtocol.Pop3, hasTls = hasImplicit || protocol == ListenerProtocol.Smtp;
        bool isImplicit = hasImplicit && random.Next(4) == 0, startsTls = !isImplicit && hasTls && random.Next(4) == 0;
        Wire wire = new(await LineClient.ConnectAsync(Server.EndPoint(protocol, isImplicit ? ListenerTls.Implicit : ListenerTls.Start), ct), protocol);
        _wires.TryAdd(wire, true);
        try
        {
            if (isImplicit)
                await wire.Client.StartTlsAsync(ct: ct);
            await wire.Opener.ReadGreetingAsync(ct);
            if (startsTls)
                await wire.Opener.StartTlsAsync(ct);
            Tally.Count($"sessions: {protocol}{(isImplicit ? ", TLS" : startsTls ? ", TLS on demand" : "")}");
            return wire;
        }
        catch (Exception e)
        {
            await CloseAsync(wire);
            if (wire.WasCut && IsLoss(e))
                throw new WireCutException();
            throw;
        }
    }

    public async Task CloseAsync(Wire wire)
    {
        _wires.TryRemove(wire, out _);
        await wire.DisposeAsync();
    }

    /// <summary>Breaks some connection off, whatever it is doing.</summary>
    public void CutOne(Random random)
    {
        Wire[] wires = [.. _wires.Keys];
        if (wires.Length == 0)
            return;
        wires[random.Next(wires.Length)].Cut();
        Tally.Count("faults: session broken off");
    }

    /// <summary>Whether a connection that ended so is merely lost.</summary>
    public static bool IsLoss(Exception e) => e is IOException or SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException or WireCutException;

    /// <summary>Has a client work until the phase ends, in one session after the other.</summary>
    public async Task WorkAsync(ISoakClient client, Random random, CancellationToken ct)
    {
        while (!IsEnding && !Ledger.IsOver)
        {
            int spells = Spells;
            Wire? wire = null;
            try
            {
                wire = await OpenAsync(client.Protocol, random, ct);
                await client.WorkAsync(wire, ct);
            }
            catch (Exception e) when (IsLoss(e) && (Ledger.IsOver || e is WireCutException || wire is { WasCut: true }))
            {
                // Broken off, killed, or told to stop: what was on its way then may be done or not.
            }
            catch (Exception e) when (e is RefusedException || (IsLoss(e) && WasFullSince(spells)))
            {
                Tally.Count($"refused: {client.Name}, session");
                if (!WasFullSince(spells) && !Ledger.IsOver)
                    Tally.Found($"{client.Name}: {e.Message}");
            }
            catch (Exception e) when (IsLoss(e) || e is FormatException or TimeoutException or KeyNotFoundException)
            {
                Tally.Found($"{client.Name} lost its session: {e}");
            }
            finally
            {
                if (wire is not null)
                    await CloseAsync(wire);
            }

            await Task.Delay(random.Next(30), ct);
        }
    }
}
