using FullStack.Store.Accounts;

namespace FullStack.Imap.Urls;

/// <summary>In which part somebody asks for what a URL names.</summary>
public enum UrlRole
{
    /// <summary>A user, for himself.</summary>
    User,

    /// <summary>A submission server that has seen to it by itself whose message it takes (RFC 4467 §3, <c>submit+</c>).</summary>
    SubmissionServer,

    /// <summary>A user who submits a message, to a submission server in this process.</summary>
    Submitter,
}

/// <summary>Who asks for what a URL names.</summary>
/// <param name="User">Who has logged in.</param>
/// <param name="Role">In which part.</param>
public sealed record UrlReader(AccountName User, UrlRole Role);
