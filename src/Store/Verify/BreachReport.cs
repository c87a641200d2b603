using FullStack.Store.Mailboxes;

namespace FullStack.Store.Verify;

/// <summary>Collects what is wrong with one mailbox, a sentence for each breach of a rule.</summary>
internal readonly record struct BreachReport(MailboxName Mailbox, List<string> Broken)
{
    /// <summary>Most sentences about one mailbox: who reads a thousand knows no more.</summary>
    private const int MaxSentences = 100;

    public void Check(int rule, bool kept, string sentence)
    {
        if (!kept)
            Add(rule, sentence);
    }

    public void Add(int rule, string sentence)
    {
        string start = $"{Mailbox}: rule ";
        int known = Broken.Count(broken => broken.StartsWith(start, StringComparison.Ordinal));
        if (known < MaxSentences)
            Broken.Add($"{start}{rule}: {sentence}");
        else if (known == MaxSentences)
            Broken.Add($"{start}{rule}: there are more breaches than are named here");
    }
}
