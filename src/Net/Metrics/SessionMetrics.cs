using System.Diagnostics;

namespace FullStack.Net.Metrics;

/// <summary>Measures the sessions of one protocol. Costs next to nothing while nobody listens.</summary>
/// <param name="instruments">The server's instruments.</param>
/// <param name="protocol">The protocol, as listeners are configured: <c>imap</c>, <c>submission</c>, …</param>
public sealed class SessionMetrics(SessionInstruments instruments, string protocol)
{
    private readonly KeyValuePair<string, object?> _protocol = new("protocol", protocol);

    /// <summary>A session began.</summary>
    /// <returns>When, for <see cref="SessionEnded"/>.</returns>
    public long SessionStarted()
    {
        instruments.Active.Add(1, _protocol);
        return instruments.Time.GetTimestamp();
    }

    public void SessionEnded(long began)
    {
        instruments.Active.Add(-1, _protocol);
        instruments.Duration.Record(Since(began), _protocol);
    }

    /// <summary>Now, for <see cref="CommandAnswered"/>.</summary>
    public long Begin() => instruments.Command.Enabled ? instruments.Time.GetTimestamp() : 0;

    /// <summary>A command was answered.</summary>
    /// <param name="verb">Its name, of those that the protocol has here: never what a client sent.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="began">What <see cref="Begin"/> returned.</param>
    public void CommandAnswered(string verb, CommandOutcome outcome, long began)
    {
        if (began != 0)
            instruments.Command.Record(Since(began), _protocol, new("command", verb), new("outcome", NameOf(outcome)));
    }

    /// <summary>A command was refused.</summary>
    /// <param name="verb">As in <see cref="CommandAnswered"/>; null: it is none of ours.</param>
    /// <param name="reason">One of few: an enhanced status code or a response code.</param>
    public void CommandRefused(string? verb, string reason) => instruments.Refused.Add(1, _protocol, new("command", verb ?? "unknown"), new("reason", reason));

    /// <summary>A message was taken from a client.</summary>
    public void MessageReceived(long octets) => instruments.Received.Record(octets, _protocol);

    internal void Sent(long octets) => instruments.Sent.Add(octets, _protocol);

    private static string NameOf(CommandOutcome outcome) => outcome switch
    {
        CommandOutcome.Ok => "ok",
        CommandOutcome.Deferred => "deferred",
        CommandOutcome.Refused => "refused",
        CommandOutcome.Failed => "failed",
        _ => throw new UnreachableException(),
    };

    private double Since(long began) => instruments.Time.GetElapsedTime(began).TotalSeconds;
}
