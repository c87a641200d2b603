using FullStack.Auth.Backends;

namespace FullStack.Server.Cli;

/// <summary>What each outcome of a change to the directory is on the command line.</summary>
internal static class DirectoryOutcomes
{
    /// <summary>Returns where the change was made; fails with a sentence and an exit code where it was not.</summary>
    /// <param name="outcome">What the directory said.</param>
    /// <param name="subject">The address or domain of the change.</param>
    public static void Require(this DirectoryOutcome outcome, string subject)
    {
        if (outcome != DirectoryOutcome.Done)
            throw new CommandFailedException(CodeOf(outcome), Sentence(outcome, subject));
    }

    public static string Sentence(DirectoryOutcome outcome, string subject) => outcome switch
    {
        DirectoryOutcome.AlreadyThere => $"{subject} is there already",
        DirectoryOutcome.NotFound => $"{subject} is not in the directory",
        DirectoryOutcome.Malformed => $"{subject} is not a well-formed address or domain",
        DirectoryOutcome.NoSuchDomain => $"{DomainOf(subject)} is not a domain of this server; `fullstack domain add {DomainOf(subject)}` makes it one",
        DirectoryOutcome.Loop => $"{subject} would lead back to itself",
        DirectoryOutcome.InUse => $"{subject} still has users or aliases; remove them first",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    private static int CodeOf(DirectoryOutcome outcome) => outcome switch
    {
        DirectoryOutcome.AlreadyThere => ExitCode.CannotCreate,
        DirectoryOutcome.NotFound => ExitCode.NotFound,
        DirectoryOutcome.InUse => ExitCode.Failed,
        _ => ExitCode.BadData,
    };

    private static string DomainOf(string address) => address[(address.LastIndexOf('@') + 1)..];
}
