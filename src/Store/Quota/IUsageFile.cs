using FullStack.Store.Posix;

namespace FullStack.Store.Quota;

/// <summary>A file in which programs that share an account's mail tell each other what it keeps. All members block.</summary>
internal interface IUsageFile
{
    /// <summary>Reads it.</summary>
    /// <param name="noted">What it says; null where nobody can understand it.</param>
    FileError Read(out NotedUsage? noted);

    /// <summary>Adds a change to what it says; <see cref="FileError.NotFound"/> where it is not there.</summary>
    FileError Append(QuotaAmount change);

    /// <summary>Writes it anew.</summary>
    FileError Replace(QuotaLimits limits, QuotaAmount used);
}

/// <summary>What the file says.</summary>
/// <param name="Limits">The limits as of when it was written.</param>
/// <param name="Used">What the account keeps.</param>
/// <param name="HasRoom">Whether another change can be appended.</param>
internal readonly record struct NotedUsage(QuotaLimits Limits, QuotaAmount Used, bool HasRoom);
