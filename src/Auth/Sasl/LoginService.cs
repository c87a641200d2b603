namespace FullStack.Auth.Sasl;

/// <summary>What a client logs in to.</summary>
[Flags]
public enum LoginService
{
    None = 0,

    /// <summary>Submission of mail.</summary>
    Smtp = 1,
    Imap = 2,
    Pop3 = 4,
    All = Smtp | Imap | Pop3,
}
