using FullStack.Queue.Programs;
using FullStack.Smtp;

namespace FullStack.Queue.Routing;

/// <summary>A copy that is a message of its own, because it goes back into the world, to a program or a file, or because somebody else hears what becomes of it.</summary>
/// <param name="From">The address here that passes it on: its Delivered-To, by which a loop is found.</param>
/// <param name="Owner">The owner of the list that it went through, its sender from here on; null: it keeps its sender.</param>
public sealed record ForwardedCopy(MailboxAddress From, MailboxAddress? Owner)
{
    /// <summary>Mailboxes of this host; only where there is an owner.</summary>
    public IReadOnlyList<LocalTarget> Targets { get; init; } = [];

    /// <summary>Addresses whose domains other hosts serve.</summary>
    public IReadOnlyList<MailboxAddress> Elsewhere { get; init; } = [];

    /// <summary>Programs and files.</summary>
    public IReadOnlyList<LocalAction> Actions { get; init; } = [];
}
