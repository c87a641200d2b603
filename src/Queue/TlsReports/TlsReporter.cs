using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FullStack.Queue.Notices;
using FullStack.Queue.Routing;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.TlsReports;

/// <summary>Tells domains each day how TLS with their hosts went, if they want to know.</summary>
/// <remarks>
/// <para>RFC 8460. Sessions are counted in memory and written down each minute, so that a crash costs a minute of counts; the days are UTC's.</para>
/// <para>
/// A report that leaves by mail comes into the queue in the transaction in which its sessions go: there is one. By HTTPS a crash between the answer and that may
/// send it twice, under the same id. What cannot be handed over is tried each hour, for a day.
/// </para>
/// </remarks>
public sealed class TlsReporter : IAsyncDisposable
{
    private static readonly TimeSpan s_flush = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_again = TimeSpan.FromHours(1);

    /// <summary>How long after its day a report is given up.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromHours(28);

    /// <summary>Most of the delay after midnight, so that not all of the world sends at once (RFC 8460 §4.1).</summary>
    private const int MostDelaySeconds = 4 * 60 * 60;

    /// <summary>Days and domains shown at once.</summary>
    private const int MaxShown = 1000;

    private readonly TlsReportParts _parts;
    private readonly TlsTally _tally;
    private readonly HostMessages _messages;
    private readonly TimeSpan _delay = TimeSpan.FromSeconds(RandomNumberGenerator.GetInt32(1, MostDelaySeconds));
    private readonly SemaphoreSlim _gate = new(1);
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private DateTimeOffset _next = DateTimeOffset.MinValue;

    /// <param name="parts">What reports are made with.</param>
    public TlsReporter(TlsReportParts parts)
    {
        _parts = parts;
        _tally = new(() => Identity is not null, parts.Mail.Time);
        _messages = new(parts.Mail);
    }

    /// <summary>Hears of sessions.</summary>
    public ITlsSessions Sessions => _tally;

    private TimeProvider Time => _parts.Mail.Time;

    private MessageQueue Queue => _parts.Mail.Queue;

    /// <summary>Null: no reports are wanted.</summary>
    private TlsReporterIdentity? Identity => _parts.Options() is { TlsReportContact.Length: > 0 } options
        ? new(options.TlsReportOrganization.Length > 0 ? options.TlsReportOrganization : _parts.Mail.HostName, options.TlsReportContact) : null;

    /// <summary>Begins to write down and to report.</summary>
    public void Start() => _running = RunAsync(_stop.Token);

    /// <summary>Writes down what was counted, for the last time.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await TryAsync(FlushAsync);
        _gate.Dispose();
        _stop.Dispose();
    }

    /// <summary>What is waiting to be reported, today's sessions with it; at most so much of it as an answer to a command should have.</summary>
    /// <param name="subject">One domain; null: all.</param>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public async Task<IReadOnlyList<TlsReportSummary>> ShowAsync(string? subject)
    {
        await FlushAsync();
        return await Queue.ReadAsync<IReadOnlyList<TlsReportSummary>>(rows =>
        [
            .. TlsReportTable.List(rows, long.MaxValue, subject).Take(MaxShown).SelectMany(one => TlsReportTable.Find(rows, one.Day, one.Subject)
                .GroupBy(static session => session.Kind.Policy).Select(under => SummaryOf(one.Day, one.Subject, [.. under]))),
        ]);
    }

    /// <summary>Reports the days that are over, without waiting for their time.</summary>
    /// <param name="subject">To one domain; null: to all.</param>
    /// <param name="ct">Ends the work between two reports.</param>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public async Task<IReadOnlyList<TlsReportOutcome>> SendAsync(string? subject, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            await FlushAsync();
            long today = TlsTally.DayOf(Time.GetUtcNow());
            List<TlsReportOutcome> outcomes = [];
            foreach ((long day, string domain) in await Queue.ReadAsync(rows => TlsReportTable.List(rows, today, subject)))
                outcomes.Add(await ReportAsync(day, domain, ct));
            return outcomes;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await Task.Delay(s_flush, Time, ct);
                await TryAsync(FlushAsync);
                DateTimeOffset now = Time.GetUtcNow();
                if (now < _next || now.UtcDateTime.TimeOfDay < _delay)
                    continue;
                _next = now + s_again;
                await TryAsync(() => SendAsync(subject: null, ct));
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (IOException e)
        {
            QueueLog.QueueUnusable(_parts.Mail.Log, e.Message); // nothing is lost, and it comes again
        }
    }

    private async Task FlushAsync()
    {
        (IReadOnlyDictionary<TlsSessionKind, long> counts, long dropped) = _tally.Take();
        if (counts.Count > 0)
        {
            try
            {
                dropped += await Queue.ChangeAsync(rows => TlsReportTable.Add(rows, counts));
            }
            catch (IOException)
            {
                _tally.Return(counts);
                throw;
            }
        }

        if (dropped > 0)
            QueueLog.TlsSessionsDropped(_parts.Mail.Log, dropped);
    }

    /// <summary>Sends one report, or finds that there is none to send.</summary>
    private async Task<TlsReportOutcome> ReportAsync(long day, string subject, CancellationToken ct)
    {
        DateOnly date = DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(day));
        if (Identity is not { } identity)
            return await DropAsync(day, subject, "reports are off");
        if (await _parts.LookupTextAsync($"_smtp._tls.{subject}", ct) is not { } texts)
            return await KeepAsync(day, subject, "DNS does not answer");
        IReadOnlyList<Uri> places = TlsReportRecord.PlacesIn(texts);
        if (places.Count == 0)
            return await DropAsync(day, subject, "the domain wants no reports");
        TlsReport report = new(identity, day, subject, await Queue.ReadAsync(rows => TlsReportTable.Find(rows, day, subject)));
        string reason = "";
        foreach (Uri place in places)
        {
            string? trouble = TlsReportRecord.AddressOf(place) is { } address ? await MailAsync(report, day, address, ct) : await PostAsync(report, day, place, ct);
            if (trouble is null)
            {
                QueueLog.TlsReportSent(_parts.Mail.Log, subject, date, place);
                return new(date, subject, IsDone: true, $"sent to {place}");
            }

            reason = $"{place}: {trouble}";
            QueueLog.TlsReportNotSent(_parts.Mail.Log, subject, date, place, trouble);
        }

        return await KeepAsync(day, subject, reason);
    }

    private async Task<string?> PostAsync(TlsReport report, long day, Uri place, CancellationToken ct)
    {
        if (await _parts.PostAsync(place, report.Compressed(), ct) is { } trouble)
            return trouble;
        await RemoveAsync(day, report.Subject);
        return null;
    }

    /// <summary>Puts a report into the queue.</summary>
    private async Task<string?> MailAsync(TlsReport report, long day, MailboxAddress to, CancellationToken ct)
    {
        if (await _parts.Mail.ResolveAsync(to, ct) is not { } route)
            return "nobody here has that address";
        DateTimeOffset now = Time.GetUtcNow();
        int at = report.From.Contact.LastIndexOf('@');
        Envelope envelope = new(ReversePath.To(new(report.From.Contact[..at], report.From.Domain)));
        envelope.NoteTlsOptional();
        PreparedNotice mail = await _messages.WriteAsync(envelope, to, route, now, (id, staged) =>
        {
            string boundary = $"=_{id}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
            return staged.WriteAsync(Encoding.ASCII.GetBytes(TlsReportMail.Write(report, to, $"<{id}@{_parts.Mail.HostName}>", boundary, now)), ct);
        });
        try
        {
            Patience patience = new(_parts.Mail.Options(), _parts.Mail.Routes());
            await Queue.ChangeAsync(rows =>
            {
                QueueTables.Insert(rows, mail.Message, mail.Recipients, patience.AlarmOf(mail.Message, mail.Recipients), now);
                TlsReportTable.Remove(rows, day, report.Subject);
                return default(Store.Nothing);
            });
        }
        catch
        {
            await Queue.RemoveFileAsync(mail.Message.Id);
            throw;
        }

        Queue.Announce(mail.Message, mail.Recipients);
        return null;
    }

    private async Task<TlsReportOutcome> KeepAsync(long day, string subject, string reason)
    {
        DateTimeOffset end = DateTimeOffset.UnixEpoch.AddDays(day + 1);
        return Time.GetUtcNow() - end > s_patience ? await DropAsync(day, subject, reason)
            : new(DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(day)), subject, IsDone: false, reason);
    }

    private async Task<TlsReportOutcome> DropAsync(long day, string subject, string reason)
    {
        await RemoveAsync(day, subject);
        return new(DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(day)), subject, IsDone: true, reason);
    }

    private Task RemoveAsync(long day, string subject) => Queue.ChangeAsync(rows =>
    {
        TlsReportTable.Remove(rows, day, subject);
        return default(Store.Nothing);
    });

    private static TlsReportSummary SummaryOf(long day, string subject, IReadOnlyList<(TlsSessionKind Kind, long Sessions)> sessions)
    {
        (TlsSessionKind Kind, long Sessions)[] failures = [.. sessions.Where(static one => one.Kind.Failure.Length > 0)];
        return new(
            DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(day)), subject, Text(sessions[0].Kind.Policy, "policy-type"),
            sessions.Except(failures).Sum(static one => one.Sessions), failures.Sum(static one => one.Sessions),
            [.. failures.GroupBy(static one => Text(one.Kind.Failure, "result-type")).Select(static under => $"{under.Key} ({under.Sum(static one => one.Sessions)})")]);
    }

    private static string Text(string json, string name) => JsonNode.Parse(json)?[name]?.GetValue<string>() ?? "";
}
