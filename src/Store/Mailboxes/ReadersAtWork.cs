namespace FullStack.Store.Mailboxes;

/// <summary>Whether clients have read messages a moment ago, for work that can wait: it takes less of the machine meanwhile.</summary>
internal sealed class ReadersAtWork(TimeProvider time)
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private long _last = time.GetTimestamp() - (2 * time.TimestampFrequency);

    /// <summary>Whether anybody read within the last second.</summary>
    public bool Any => time.GetElapsedTime(Volatile.Read(ref _last)) < Moment;

    /// <summary>Somebody reads now.</summary>
    public void Note() => Volatile.Write(ref _last, time.GetTimestamp());
}
