using System.Globalization;
using FullStack.Queue.Spool;

namespace FullStack.Server.Doctor;

/// <summary>How much mail waits, and for how long.</summary>
/// <param name="Folder">The queue's folder.</param>
/// <param name="Time">The clock.</param>
internal sealed record QueueCheck(string Folder, TimeProvider Time) : IDoctorCheck
{
    private const int ManyMessages = 10_000;
    private static readonly TimeSpan s_old = TimeSpan.FromDays(1);

    public static readonly FindingKind Unusable = new("queue.unusable", FindingLevel.Error, "The queue's database cannot be read.", "Stop the server and restore the queue from a backup; do not delete it, there is mail in it.");
    public static readonly FindingKind Old = new("queue.old", FindingLevel.Warning, "Mail has waited for more than a day.", "`fullstack queue list` says why; much mail for many destinations means that this host cannot send.");
    public static readonly FindingKind Long = new("queue.long", FindingLevel.Warning, "More than 10,000 messages wait.", "`fullstack queue list` says whose they are: an account may have been taken over.");

    public string Name => "queue";

    public IReadOnlyList<FindingKind> Kinds => [Unusable, Old, Long];

    public Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct)
    {
        int count = 0;
        (QueuedMessage Message, string Why)? oldest = null;
        try
        {
            using QueueBook book = QueueBook.OpenToRead(Folder);
            foreach ((QueuedMessage message, IReadOnlyList<QueuedRecipient> recipients) in book.List())
            {
                ct.ThrowIfCancellationRequested();
                count++;
                if (!message.IsHeld && (oldest is null || message.Begun < oldest.Value.Message.Begun))
                    oldest = (message, recipients.FirstOrDefault(static recipient => recipient.Last is not null)?.Last?.Text ?? "not tried yet");
            }
        }
        catch (IOException e)
        {
            return Task.FromResult<IReadOnlyList<Finding>>([new(Unusable, e.Message)]);
        }

        List<Finding> findings = [new(count > ManyMessages ? Long : FindingKind.Ok(Name), string.Create(CultureInfo.InvariantCulture, $"{count} messages wait"))];
        if (oldest is { } one && Time.GetUtcNow() - one.Message.Begun is var age && age > s_old)
            findings.Add(new(Old, string.Create(CultureInfo.InvariantCulture, $"{one.Message.Id} waits for {age.TotalDays:0.0} days: {one.Why}")));
        return Task.FromResult<IReadOnlyList<Finding>>(findings);
    }
}
