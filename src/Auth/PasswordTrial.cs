using FullStack.Auth.Factors;
using FullStack.Auth.Passwords;

namespace FullStack.Auth;

/// <summary>A password as a client sent it, perhaps with a code behind it.</summary>
/// <param name="Whole">As sent.</param>
/// <param name="Password">What is checked; nobody's password where it is not usable, so that the check costs what it costs with others.</param>
/// <param name="Code">The code; null where none is asked for.</param>
/// <param name="IsUsable">Whether it can be right at all.</param>
internal readonly record struct PasswordTrial(string Whole, string Password, string? Code, bool IsUsable)
{
    private const string Nobodys = "x";

    public static PasswordTrial Of(string sent, bool needsCode)
    {
        if (!PasswordHash.IsUsable(sent))
            return new(sent, Nobodys, null, IsUsable: false);
        if (!needsCode)
            return new(sent, sent, null, IsUsable: true);
        return TimeCode.TrySplit(sent, out string? password, out string? code) ? new(sent, password, code, IsUsable: true) : new(sent, Nobodys, null, IsUsable: false);
    }

    /// <summary>Keeps the password out of whatever prints this.</summary>
    public override string ToString() => nameof(PasswordTrial);
}
