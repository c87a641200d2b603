using FullStack.Dns.Cache;
using FullStack.Dns.Servers;
using FullStack.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace FullStack.Dns;

/// <summary>Finds the answer to one question: asks the servers in turn and follows aliases that they left unfollowed.</summary>
internal sealed class Search(DnsOptions options, ServerList servers, TimeProvider time, ILogger logger)
{
    /// <summary>Aliases followed from one name at most.</summary>
    private const int MaxAliases = 16;

    private readonly DnsExchange _exchange = new(time);

    public DnsOptions Options => options;

    /// <returns>An answer whose time to live is how long it is to be kept.</returns>
    public async ValueTask<DnsAnswer<RecordData>> FindAsync(DnsQuestion question, CancellationToken ct)
    {
        DnsName name = question.Name;
        bool isSecure = true;
        int aliases = 0;
        uint seconds = uint.MaxValue;
        while (true)
        {
            (DnsMessage? message, bool isTrusted, string failure) = await AskAsync(name, question.Type, ct);
            if (message is null)
                return Failed(question, name, failure);
            isSecure &= isTrusted && message.Header.IsAuthentic;
            if (ReadAnswer.From(message, name, question.Type, MaxAliases - aliases) is not { } read)
                return Failed(question, name, "too many aliases");
            seconds = Math.Min(seconds, read.Seconds);
            aliases += read.Aliases;
            name = read.Name;
            if (read.Outcome is not { } outcome)
                continue; // each turn follows an alias at least, so there is an end

            DnsLog.Answered(logger, question.Name, question.Type, outcome, read.Records.Count, isSecure);
            return new(outcome, read.Records) { IsSecure = isSecure, Name = name, IsAlias = aliases > 0, TimeToLive = TimeToLive(outcome, seconds) };
        }
    }

    private DnsAnswer<RecordData> Failed(DnsQuestion question, DnsName name, string failure)
    {
        DnsLog.Failed(logger, question.Name, question.Type, failure);
        return new(DnsOutcome.Failed, []) { Name = name, TimeToLive = Resolver.FailureTime, Failure = failure };
    }

    private TimeSpan TimeToLive(DnsOutcome outcome, uint seconds)
    {
        TimeSpan said = TimeSpan.FromSeconds(seconds);
        if (outcome != DnsOutcome.Found)
            return said < options.MaxNegativeTimeToLive ? said : options.MaxNegativeTimeToLive;
        TimeSpan least = said > options.MinTimeToLive ? said : options.MinTimeToLive;
        return least < options.MaxTimeToLive ? least : options.MaxTimeToLive;
    }

    /// <summary>Asks each server, and those that were silent again, until one knows.</summary>
    private async ValueTask<(DnsMessage? Message, bool IsTrusted, string Failure)> AskAsync(DnsName name, RecordType type, CancellationToken ct)
    {
        ServerChoice choice = servers.Current;
        string failure = "";
        for (int attempt = 0; attempt < choice.Attempts; attempt++)
        {
            bool anySilent = false;
            foreach (NameServer server in choice.InOrder(time).ToArray())
            {
                (DnsMessage? message, failure) = await AskAsync(server, name, type, choice.Timeout, ct);
                if (message is null)
                    anySilent = true;
                else if (message.Code is ResponseCode.NoError or ResponseCode.NameError && !message.IsReferral)
                    return (message, server.IsTrusted, "");
                else
                    failure = $"{server.EndPoint} {(message.IsReferral ? "does not search" : $"says {message.Code}")}";
            }

            if (!anySilent)
                break; // all have said that they cannot tell
        }

        return (null, false, failure);
    }

    private async ValueTask<ServerReply> AskAsync(NameServer server, DnsName name, RecordType type, TimeSpan timeout, CancellationToken ct)
    {
        ServerReply reply = await _exchange.AskAsync(server, new(name, type, extended: true, options.MixedCase), timeout, ct);
        if (reply.Message is { Code: ResponseCode.FormatError or ResponseCode.NotImplemented or ResponseCode.BadVersion })
            reply = await _exchange.AskAsync(server, new(name, type, extended: false, options.MixedCase), timeout, ct); // RFC 6891 §7
        if (reply.Message is null)
        {
            if (server.SetDown(time))
                DnsLog.ServerDown(logger, server.EndPoint, reply.Failure);
            return reply with { Failure = $"{server.EndPoint}: {reply.Failure}" };
        }

        if (server.SetUp())
            DnsLog.ServerUp(logger, server.EndPoint);
        return reply;
    }
}
