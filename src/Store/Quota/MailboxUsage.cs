namespace FullStack.Store.Quota;

/// <summary>What one mailbox keeps, as last known.</summary>
internal sealed class MailboxUsage
{
    public QuotaAmount Amount { get; set; }

    /// <summary>The folder's stamp when it was counted; 0 where it may have changed since, or the mailbox is loaded and knows better.</summary>
    public long Stamp { get; set; }

    /// <summary>How often any of this changed, so that a count sees that it was overtaken.</summary>
    public int Version { get; set; }
}

/// <summary>What is written down of one mailbox.</summary>
/// <param name="Entry">The name of its entry in the account's folder; empty for INBOX.</param>
/// <param name="Amount">What it keeps.</param>
/// <param name="Stamp">Its stamp; 0 where there is none.</param>
internal readonly record struct UsageRow(string Entry, QuotaAmount Amount, long Stamp);

/// <summary>What is to be written of one account.</summary>
/// <param name="Domain">The name of the domain's folder.</param>
/// <param name="Account">The name of the account's folder in it.</param>
/// <param name="Changed">Mailboxes that have other numbers now.</param>
/// <param name="Gone">The entries of mailboxes that are no more.</param>
internal sealed record UsageChanges(string Domain, string Account, List<UsageRow> Changed, List<string> Gone);
