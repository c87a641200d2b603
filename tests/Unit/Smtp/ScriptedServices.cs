using System.Text;
using FullStack.Smtp;

namespace FullStack.Unit.Smtp;

/// <summary>A queue and a source of URLs that do as the test says.</summary>
internal sealed class ScriptedServices : IQueueRunner, IMessageUrls
{
    public QueueRun Run { get; init; } = new(QueueRunOutcome.Started);

    public bool IsForStrangers { get; init; } = true;

    public List<(QueueRunScope Scope, string Name)> Asked { get; } = [];

    public bool MayAsk(SmtpPeer peer) => IsForStrangers;

    public ValueTask<QueueRun> StartAsync(QueueRunScope scope, string name, SmtpPeer peer, CancellationToken ct)
    {
        Asked.Add((scope, name));
        return new(Run);
    }

    /// <summary>A URL of <c>text:</c> is the text behind it; <c>fail:</c> breaks off in the middle.</summary>
    public ValueTask<IUrlOctets?> OpenAsync(ReadOnlyMemory<byte> url, string account, CancellationToken ct)
    {
        string text = Encoding.ASCII.GetString(url.Span);
        return new(text.StartsWith("text:", StringComparison.Ordinal) || text.StartsWith("fail:", StringComparison.Ordinal) ? new Octets(text) : null);
    }

    private sealed class Octets(string url) : IUrlOctets
    {
        long IUrlOctets.Octets => url.Length - 5;

        public async ValueTask CopyAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken ct)
        {
            foreach (char c in url[5..])
                await take(new[] { (byte)c }, ct);
            if (url.StartsWith("fail:", StringComparison.Ordinal))
                throw new IOException("gone");
        }

        public void Dispose()
        {
        }
    }
}
