using System.Collections.Concurrent;
using System.Text;
using FullStack.Queue.Relay;
using FullStack.Smtp;
using FullStack.Smtp.Client;

namespace FullStack.Unit.Queue;

/// <summary>What one attempt was for.</summary>
internal sealed record SentMessage(QueueId Id, string Host, ReversePath Sender, IReadOnlyList<string> Recipients, string Text, DateTimeOffset At, Envelope Envelope);

/// <summary>Other hosts as a test wants them: every domain has one, and what it says is scripted.</summary>
internal sealed class ScriptedClient(TimeProvider time) : IMailClient, IHostFinder, IRecipientHistory
{
    public static readonly DeliveryStatus Taken = new(250, new(2, 0, 0), "taken");
    public static readonly DeliveryStatus Later = new(451, new(4, 7, 1), "come again");
    public static readonly DeliveryStatus Unknown = new(550, new(5, 1, 1), "no such user there");
    public static readonly DeliveryStatus OtherOwner = new(550, new(5, 7, 17), "changed hands");
    public static readonly DeliveryStatus Silent = new(451, new(4, 4, 1), "no answer from host");

    public static readonly DeliveryStatus Closed = new(421, new(4, 3, 2), "no mail today");

    private int _running;

    /// <summary>What a host says to a recipient.</summary>
    public Func<string, string, DeliveryStatus> Says { get; set; } = static (_, _) => Taken;

    /// <summary>Hosts that cannot be reached.</summary>
    public Func<string, bool> IsDown { get; set; } = static _ => false;

    /// <summary>Hosts that answer and take no mail from anybody.</summary>
    public Func<string, bool> IsClosed { get; set; } = static _ => false;

    /// <summary>What DNS says instead of a host.</summary>
    public Func<string, DeliveryStatus?> FindFails { get; set; } = static _ => null;

    /// <summary>Since when each account of this host has had its owner.</summary>
    public DateTimeOffset OwnedSince { get; set; }

    /// <summary>What hosts were told of since when recipients are known, in the order of the attempts.</summary>
    public ConcurrentQueue<(DateTimeOffset? ValidSince, bool MayLapse)> Validity { get; } = new();

    /// <summary>Hosts offer DSN.</summary>
    public bool TakesDsn { get; set; }

    /// <summary>How much of each attempt was the transaction.</summary>
    public TimeSpan Transmission { get; set; }

    /// <summary>Waited for within each attempt.</summary>
    public Func<string, Task> During { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Sees each message before it goes.</summary>
    public Action<OutgoingMessage> Asked { get; set; } = static _ => { };

    public ConcurrentQueue<SentMessage> Sent { get; } = new();

    /// <summary>Attempts that ran at once at most.</summary>
    public int MostAtOnce { get; private set; }

    /// <summary>What messages asked of TLS, in their order.</summary>
    public ConcurrentQueue<TlsWish> Wishes { get; } = new();

    public ValueTask<HostSearch> FindAsync(NextHop hop, TlsWish wish, CancellationToken ct)
    {
        Wishes.Enqueue(wish);
        return new(FindFails(hop.Name) is { } failure ? HostSearch.Failed(failure) : HostSearch.Found([new RemoteHost(hop.Name, new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 25))]));
    }

    public bool IsHere(Route route) => route is FullStack.Queue.Routing.MailRoute { Targets.Count: > 0 };

    public ValueTask<DeliveryStatus> CheckAsync(Route route, DateTimeOffset since, string asker, CancellationToken ct)
        => new(OwnedSince > since ? OtherOwner : DeliveryStatus.Success);

    public async ValueTask<AttemptReport> SendAsync(RemoteHost host, OutgoingMessage message, CancellationToken ct)
    {
        lock (Sent)
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _running));
        try
        {
            Asked(message);
            await During(host.Name).WaitAsync(ct);
            using StreamReader reader = new(await message.Open(ct), Encoding.Latin1);
            string text = await reader.ReadToEndAsync(ct);
            foreach (OutgoingRecipient recipient in message.Recipients)
                Validity.Enqueue((recipient.ValidSince, recipient.ValidSinceMayLapse));
            bool down = IsDown(host.Name), closed = IsClosed(host.Name);
            Sent.Enqueue(new(message.Id, host.Name, message.Envelope.Sender, [.. message.Recipients.Select(static r => r.Path.Address.ToString())], text, time.GetUtcNow(), message.Envelope));
            return new([.. message.Recipients.Select(r => down
                ? new RecipientResult(Silent, false, false)
                : closed ? new RecipientResult(Closed, false, true)
                : new RecipientResult(Says(host.Name, r.Path.Address.LocalPart), TakesDsn, true))], down || closed) { RemoteName = down ? null : $"mx.{host.Name}", Transmission = Transmission };
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
