using FullStack.Smtp;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Delivery;

/// <summary>Delivers into the mail store, within the SMTP transaction.</summary>
public sealed class LocalDelivery(MailStore store, TimeProvider time, ILogger<LocalDelivery> logger) : IMessageSink
{
    public ValueTask<IMessageIntake> BeginAsync(QueueId id, Envelope envelope, SmtpPeer peer, CancellationToken ct) => throw new NotImplementedException();
}
