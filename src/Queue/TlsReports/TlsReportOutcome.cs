namespace FullStack.Queue.TlsReports;

/// <summary>What became of a report.</summary>
/// <param name="Day">The day that it is about.</param>
/// <param name="Subject">The domain that it is for.</param>
/// <param name="IsDone">Nothing is kept of it any more.</param>
/// <param name="Text">What happened, for people.</param>
public sealed record TlsReportOutcome(DateOnly Day, string Subject, bool IsDone, string Text);

/// <summary>Sessions with a domain that are waiting to be reported.</summary>
/// <param name="Day">Their day.</param>
/// <param name="Subject">The domain.</param>
/// <param name="PolicyType">As reports call it: <c>sts</c>, <c>tlsa</c>, <c>no-policy-found</c>.</param>
/// <param name="Successes">Sessions that went well.</param>
/// <param name="Failures">Sessions that did not.</param>
/// <param name="Results">How they failed, each with its number of sessions.</param>
public sealed record TlsReportSummary(DateOnly Day, string Subject, string PolicyType, long Successes, long Failures, IReadOnlyList<string> Results);
