using Microsoft.Extensions.Logging;

namespace FullStack.Smtp.Client;

/// <summary>Hands messages to other hosts over the network, and keeps connections for a moment in case there are more.</summary>
/// <remarks>RFC 5321 §3.3, §4.5.4; which host is tried when is for those who call.</remarks>
public sealed class MailClient(ClientEnvironment environment) : IMailClient, IRecipientProbe, IAsyncDisposable
{
    private readonly HostOpener _opener = new(environment, environment.Loggers.CreateLogger("FullStack.Smtp"));
    private readonly IdleSessions _idle = new(environment);

    public async ValueTask<AttemptReport> SendAsync(RemoteHost host, OutgoingMessage message, CancellationToken ct)
    {
        AttemptLedger ledger = new(message.Recipients.Count);
        // RFC 8689 §4.2.1: who requires TLS requires to know whom it is with. A notice, which nobody sent, does not (§5).
        bool mustVerify = message.Envelope is { RequireTls: true, Sender.IsNull: false } && host.Tls is not TlsNeed.Dane;
        TlsNeed need = mustVerify ? TlsNeed.Verified : host.Tls;
        HostKey key = HostKey.Of(host, need);
        try
        {
            bool goesOn = true;
            while (goesOn && ledger.PendingCount > 0)
                goesOn = await SendOverOneAsync(host, need, key, message, ledger, ct);
            ledger.FailHost(ledger.Pending.ToArray(), ClientStatus.TooManyDomains, isRemote: false);
        }
        catch (HostFailedException e)
        {
            ledger.FailHost(ledger.Pending.ToArray(), mustVerify ? WithoutTls(e) : e.Status, e.IsRemote);
        }

        return ledger.ToReport();
    }

    public async ValueTask<RecipientResult> ProbeAsync(RemoteHost host, ForwardPath recipient, CancellationToken ct)
    {
        HostKey key = HostKey.Of(host, host.Tls);
        try
        {
            while (true)
            {
                HostSession session = _idle.Take(key) ?? await _opener.OpenAsync(host, host.Tls, ct);
                try
                {
                    RecipientResult result = await new RecipientQuestion(session, recipient, environment).AskAsync(ct);
                    _idle.Release(key, session);
                    return result;
                }
                catch (HostFailedException) when (session.MayBeStale)
                {
                    await session.DisposeAsync(); // it did not wait for us
                }
                catch
                {
                    await session.DisposeAsync();
                    throw;
                }
            }
        }
        catch (HostFailedException e)
        {
            return new(e.Status, DsnPassedOn: false, IsRemote: false); // nothing about the address
        }
    }

    /// <summary>Ends the connections that wait.</summary>
    public ValueTask DisposeAsync() => _idle.DisposeAsync();

    /// <summary>Uses one connection for as many transactions as it takes and the host allows.</summary>
    /// <returns>Whether it was of use, so that another one may be for those who are still pending.</returns>
    private async ValueTask<bool> SendOverOneAsync(
        RemoteHost host, TlsNeed need, HostKey key, OutgoingMessage message, AttemptLedger ledger, CancellationToken ct)
    {
        HostSession session = _idle.Take(key) ?? await _opener.OpenAsync(host, need, ct);
        int before = ledger.PendingCount;
        try
        {
            ledger.Note(session);
            int pending;
            do
            {
                pending = ledger.PendingCount;
                await new MailTransaction(session, message, ledger, environment).RunAsync(ct);
            }
            while (ledger.PendingCount is > 0 and var left && left < pending && session.MayBegin(environment.Options));
        }
        catch (HostFailedException) when (session.MayBeStale)
        {
            // It did not wait for us; nobody heard of the message.
            await session.DisposeAsync();
            return true;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }

        _idle.Release(key, session);
        return ledger.PendingCount < before;
    }

    private static DeliveryStatus WithoutTls(HostFailedException failure)
        => failure.Status is { Status: { Subject: 7, Detail: 4 or 5 } } lacking ? new(550, new(5, 7, 10), lacking.Text) : failure.Status;
}
