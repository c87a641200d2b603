using System.Collections.Concurrent;
using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Relay;

/// <summary>Asks the next hop of a domain whether it knows an address, before mail for it is taken here.</summary>
/// <remarks>
/// <para>
/// An address that the hop knows is believed for a day, and for a week where the hop cannot be asked again: a backup is for when the hop is down. One that it does
/// not know is refused for an hour. What the hop cannot say now, nobody is told for good (450 and 451), and nothing of that is kept.
/// </para>
/// <para>Memory, questions at once and the wait for an answer are bounded; who asks the same waits for the same answer.</para>
/// </remarks>
public sealed class CallAhead(CallAheadParts parts)
{
    internal static readonly TimeSpan KnownFresh = TimeSpan.FromDays(1);
    internal static readonly TimeSpan KnownAtAll = TimeSpan.FromDays(7);
    internal static readonly TimeSpan UnknownFor = TimeSpan.FromHours(1);

    /// <summary>Longest wait of the client that gave the address.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    internal const int MaxKept = 50_000;
    private const int MaxAtOnce = 20;
    private const int MaxHosts = 3;

    private static readonly DeliveryStatus s_unknown = new(550, new(5, 1, 1), "The host of that domain does not know the address");
    private static readonly DeliveryStatus s_putOff = new(450, new(4, 2, 0), "The host of that domain does not say now whether it knows the address, please try again later");
    private static readonly DeliveryStatus s_cannotAsk = new(451, new(4, 4, 1), "The host of that domain cannot be asked now whether it knows the address, please try again later");

    private readonly ConcurrentDictionary<string, (bool IsKnown, long At)> _answers = [];
    private readonly ConcurrentDictionary<string, Lazy<Task<DeliveryStatus>>> _underWay = [];
    private readonly SemaphoreSlim _slots = new(MaxAtOnce);

    /// <summary>Whether mail for an address is to be taken.</summary>
    /// <param name="recipient">The address.</param>
    /// <param name="ct">Ends the wait; the question goes on.</param>
    /// <returns>Null: it is. Else what the client is told.</returns>
    public async ValueTask<DeliveryStatus?> RefusalAsync(ForwardPath recipient, CancellationToken ct)
    {
        // A host may tell local parts that differ in case apart.
        string address = $"{recipient.Address.LocalPart}@{recipient.Address.Domain.ToLowerInvariant()}";
        (bool IsKnown, TimeSpan Age)? kept = _answers.TryGetValue(address, out (bool IsKnown, long At) answer) ? (answer.IsKnown, parts.Time.GetElapsedTime(answer.At)) : null;
        switch (kept)
        {
            case { IsKnown: true } known when known.Age < KnownFresh: return null;
            case { IsKnown: false } unknown when unknown.Age < UnknownFor: return s_unknown;
        }

        Lazy<Task<DeliveryStatus>> own = new(() => AskAsync(address, recipient));
        DeliveryStatus status = await _underWay.GetOrAdd(address, own).Value.WaitAsync(ct);
        return status.IsSuccess || (status.IsTemporary && kept is { IsKnown: true } still && still.Age < KnownAtAll) ? null : status;
    }

    private async Task<DeliveryStatus> AskAsync(string address, ForwardPath recipient)
    {
        await Task.Yield(); // the one who asks first waits like the others, and may stop waiting
        using CancellationTokenSource limit = new(Patience, parts.Time);
        try
        {
            await _slots.WaitAsync(limit.Token);
            try
            {
                return Keep(address, await AskHostsAsync(recipient, limit.Token));
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (OperationCanceledException)
        {
            return s_cannotAsk;
        }
        finally
        {
            _underWay.TryRemove(address, out _);
        }
    }

    private async Task<DeliveryStatus> AskHostsAsync(ForwardPath recipient, CancellationToken ct)
    {
        HostSearch search = await parts.Hosts.FindAsync(parts.Routes().HopFor(ReversePath.Null, recipient.Address), TlsWish.None, ct);
        DeliveryStatus last = s_cannotAsk;
        foreach (RemoteHost host in search.Hosts.Take(MaxHosts))
        {
            RecipientResult result = await parts.Probe.ProbeAsync(host, recipient, ct);
            QueueLog.Probed(parts.Log, recipient, host.Name, result.Status.Code, result.Status.Status);
            if (result is { IsRemote: true, Status.IsTemporary: false })
                return result.Status.IsSuccess ? DeliveryStatus.Success : s_unknown;
            if (result.IsRemote)
                last = s_putOff;
        }

        return last;
    }

    private DeliveryStatus Keep(string address, DeliveryStatus status)
    {
        if (status.IsTemporary)
            return status;
        if (_answers.Count >= MaxKept)
            _answers.Clear(); // they can be asked for again
        _answers[address] = (status.IsSuccess, parts.Time.GetTimestamp());
        return status;
    }
}

/// <summary>What questions to next hops need.</summary>
public sealed record CallAheadParts
{
    /// <summary>The routes as they are now.</summary>
    public required Func<RouteTable> Routes { get; init; }

    public required IHostFinder Hosts { get; init; }

    public required IRecipientProbe Probe { get; init; }
    public required TimeProvider Time { get; init; }
    public required ILogger Log { get; init; }
}
