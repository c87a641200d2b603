using FullStack.Store.Mailboxes;

namespace FullStack.Harness.Outsiders;

/// <summary>Another program that works on a mailbox of the same user while the store has it open, as mutt or rsync would. It knows messages by their subjects.</summary>
public interface IOutsider
{
    /// <summary>Makes an empty mailbox.</summary>
    void Make(string mailbox);

    void Add(string mailbox, string subject);

    void Remove(string mailbox, string subject);

    void SetFlags(string mailbox, string subject, SystemFlags flags);
}
