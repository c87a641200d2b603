using FullStack.Smtp;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Delivery;

/// <summary>Delivers into the mail store, within the SMTP transaction.</summary>
public sealed class LocalDelivery(MailStore store, OverQuota over, TimeProvider time, ILogger<LocalDelivery> logger) : IMessageSink
{
    public async ValueTask<IMessageIntake> BeginAsync(QueueId id, Envelope envelope, SmtpPeer peer, CancellationToken ct)
    {
        LocalIntake intake = new(store, id, envelope, over, time, logger);
        try
        {
            await intake.WriteAsync(FinalTrace.Fields(envelope), ct);
            return intake;
        }
        catch
        {
            await intake.DisposeAsync();
            throw;
        }
    }
}
