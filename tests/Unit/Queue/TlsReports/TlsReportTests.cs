using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FullStack.Harness;
using FullStack.Queue.TlsReports;
using FullStack.Smtp;
using FullStack.Smtp.Client;

namespace FullStack.Unit.Queue.TlsReports;

/// <summary>What a report says: RFC 8460 §4.4, held to the example of appendix B, and §5.</summary>
public sealed class TlsReportTests
{
    /// <summary>As the RFC has it, but for the blanks with which its lines are broken.</summary>
    private const string Example = """
        {
          "organization-name": "Company-X",
          "date-range": { "start-datetime": "2016-04-01T00:00:00Z", "end-datetime": "2016-04-01T23:59:59Z" },
          "contact-info": "sts-reporting@company-x.example",
          "report-id": "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
          "policies": [{
            "policy": {
              "policy-type": "sts",
              "policy-string": ["version: STSv1","mode: testing","mx: *.mail.company-y.example","max_age: 86400"],
              "policy-domain": "company-y.example",
              "mx-host": "*.mail.company-y.example"
            },
            "summary": { "total-successful-session-count": 5326, "total-failure-session-count": 303 },
            "failure-details": [{
              "result-type": "certificate-expired",
              "sending-mta-ip": "2001:db8:abcd:0012::1",
              "receiving-mx-hostname": "mx1.mail.company-y.example",
              "failed-session-count": 100
            }, {
              "result-type": "starttls-not-supported",
              "sending-mta-ip": "2001:db8:abcd:0013::1",
              "receiving-mx-hostname": "mx2.mail.company-y.example",
              "receiving-ip": "203.0.113.56",
              "failed-session-count": 200,
              "additional-information": "https://reports.company-x.example/report_info?id=5065427c-23d3#StarttlsNotSupported"
            }, {
              "result-type": "validation-failure",
              "sending-mta-ip": "198.51.100.62",
              "receiving-ip": "203.0.113.58",
              "receiving-mx-hostname": "mx-backup.mail.company-y.example",
              "failed-session-count": 3,
              "failure-reason-code": "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED"
            }]
          }]
        }
        """;

    private static readonly AppliedTlsPolicy s_policy = new("company-y.example", TlsPolicyKind.Sts, "company-y.example")
    {
        Text = ["version: STSv1", "mode: testing", "mx: *.mail.company-y.example", "max_age: 86400"], Hosts = ["*.mail.company-y.example"],
    };

    [Fact]
    public void A_report_has_each_field_of_the_example_in_the_rfc()
    {
        JsonNode expected = JsonNode.Parse(Example)!, told = JsonNode.Parse(ExampleReport().ToJson().ToJsonString())!;
        Assert.Equal("2016-04-01.company-y.example@company-x.example", told["report-id"]!.GetValue<string>());
        expected["report-id"] = told["report-id"]!.GetValue<string>(); // each reporter has ids of his own
        expected["policies"]![0]!["policy"]!["mx-host"] = new JsonArray("*.mail.company-y.example"); // §4.4: "a JSON array of strings"
        JsonArray details = expected["policies"]![0]!["failure-details"]!.AsArray();
        details[1]!.AsObject().Remove("additional-information"); // optional, and there is nothing more to read
        foreach (JsonNode? detail in details)
            detail!["sending-mta-ip"] = IPAddress.Parse(detail["sending-mta-ip"]!.GetValue<string>()).ToString();
        Assert.True(JsonNode.DeepEquals(expected, told), told.ToJsonString());
    }

    [Fact]
    public void Sessions_under_several_policies_are_told_apart()
    {
        AppliedTlsPolicy pinned = new("company-y.example", TlsPolicyKind.Tlsa, "mx1.company-y.example") { Text = [new TlsaPin(3, 1, 1, new byte[] { 0xAB, 0xCD }).ToString()] };
        AppliedTlsPolicy none = new("company-y.example", TlsPolicyKind.None, "company-y.example");
        JsonArray policies = Report(
            (new(pinned, "mx1.company-y.example", new(TlsResult.Success, "")), 2), (new(none, "mx2.company-y.example", new(TlsResult.StartTlsNotSupported, "")), 1))
            .ToJson()["policies"]!.AsArray();
        Assert.Equal(
            ["""{"policy-type":"no-policy-found","policy-domain":"company-y.example"}""", """{"policy-type":"tlsa","policy-string":["3 1 1 ABCD"],"policy-domain":"mx1.company-y.example"}"""],
            policies.Select(static one => one!["policy"]!.ToJsonString()).Order(StringComparer.Ordinal));
        Assert.Equal([0, 2], policies.Select(static one => one!["summary"]!["total-successful-session-count"]!.GetValue<long>()).Order());
        Assert.Single(policies, static one => one!["failure-details"] is null);
    }

    [Theory]
    [InlineData(TlsResult.StartTlsNotSupported, "starttls-not-supported")]
    [InlineData(TlsResult.CertificateHostMismatch, "certificate-host-mismatch")]
    [InlineData(TlsResult.CertificateExpired, "certificate-expired")]
    [InlineData(TlsResult.CertificateNotTrusted, "certificate-not-trusted")]
    [InlineData(TlsResult.ValidationFailure, "validation-failure")]
    [InlineData(TlsResult.TlsaInvalid, "tlsa-invalid")]
    [InlineData(TlsResult.DnssecInvalid, "dnssec-invalid")]
    [InlineData(TlsResult.DaneRequired, "dane-required")]
    [InlineData(TlsResult.StsPolicyFetchError, "sts-policy-fetch-error")]
    [InlineData(TlsResult.StsPolicyInvalid, "sts-policy-invalid")]
    [InlineData(TlsResult.StsWebPkiInvalid, "sts-webpki-invalid")]
    public void Each_result_has_the_word_of_the_rfc(TlsResult result, string word)
    {
        JsonNode policy = Report((new(s_policy, "mx", new(result, "why")) { HostSays = "mx.example" }, 1)).ToJson()["policies"]![0]!;
        JsonNode detail = policy["failure-details"]![0]!;
        Assert.Equal((word, "why", "mx.example"), (detail["result-type"]!.GetValue<string>(), detail["failure-reason-code"]!.GetValue<string>(), detail["receiving-mx-helo"]!.GetValue<string>()));
        Assert.Equal(1, policy["summary"]!["total-failure-session-count"]!.GetValue<long>());
    }

    /// <remarks>RFC 8460 §5.1, §5.3.</remarks>
    [Fact]
    public void A_report_by_mail_is_found_by_its_fields_and_holds_the_file()
    {
        TlsReport report = ExampleReport();
        string text = TlsReportMail.Write(report, new("tls", "company-y.example"), "<1@mail.company-x.example>", "=_b", new(2016, 4, 2, 3, 0, 0, TimeSpan.Zero));
        Assert.DoesNotContain("\n", text.Replace("\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
        string[] parts = text.Split("--=_b");
        string header = parts[0].Replace("\r\n ", " ", StringComparison.Ordinal);
        Assert.Contains("\r\nFrom: <sts-reporting@company-x.example>\r\nTo: <tls@company-y.example>\r\n", header, StringComparison.Ordinal);
        Assert.Contains("\r\nSubject: Report Domain: company-y.example Submitter: company-x.example Report-ID: <2016-04-01.company-y.example@company-x.example>\r\n", header, StringComparison.Ordinal);
        Assert.Contains("\r\nTLS-Report-Domain: company-y.example\r\nTLS-Report-Submitter: company-x.example\r\nTLS-Required: No\r\n", header, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: multipart/report; report-type=\"tlsrpt\"; boundary=\"=_b\"\r\n", header, StringComparison.Ordinal);
        Assert.StartsWith("\r\nContent-Type: text/plain;", parts[1], StringComparison.Ordinal);
        Assert.StartsWith("\r\nContent-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: base64\r\n", parts[2], StringComparison.Ordinal);
        Assert.Contains("filename=\"company-x.example!company-y.example!1459468800!1459555199.json.gz\"", parts[2], StringComparison.Ordinal);
        byte[] body = Convert.FromBase64String(parts[2][parts[2].IndexOf("\r\n\r\n", StringComparison.Ordinal)..]);
        Assert.True(JsonNode.DeepEquals(report.ToJson(), Uncompressed(body)));
        Assert.Equal("--\r\n", parts[3]);
    }

    [Theory]
    [InlineData("v=TLSRPTv1;rua=mailto:reports@example.com", "mailto:reports@example.com")]
    [InlineData("v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt", "https://reporting.example.com/v1/tlsrpt")]
    [InlineData("v=TLSRPTv1 ; rua=mailto:a@example.com , https://b.example.com/r ;", "mailto:a@example.com https://b.example.com/r")]
    [InlineData("v=TLSRPTv1;ext=1;rua=mailto:a@example.com;rua=mailto:b@example.com", "mailto:a@example.com")]
    [InlineData("v=TLSRPTv1;rua=http://example.com/,ftp://example.com/,mailto:nobody,mailto:a%0d%0a@example.com,https://u:p@example.com/", "")]
    [InlineData("v=TLSRPTv1;rua=", "")]
    [InlineData("v=TLSRPTv1", "")]
    [InlineData("v=TLSRPTv2;rua=mailto:a@example.com", "")]
    [InlineData("v=TLSRPTv12;rua=mailto:a@example.com", "")]
    [InlineData("v=spf1 -all", "")]
    public void A_record_says_where_reports_go(string record, string expected)
        => Assert.Equal(expected, string.Join(' ', TlsReportRecord.PlacesIn(["v=spf1 mx", record]).Select(static place => place.OriginalString)));

    [Fact]
    public void Of_several_records_none_counts()
        => Assert.Empty(TlsReportRecord.PlacesIn(["v=TLSRPTv1;rua=mailto:a@example.com", "v=TLSRPTv1;rua=mailto:b@example.com"]));

    [Fact]
    public void Of_many_places_a_few_are_used()
        => Assert.Equal(10, TlsReportRecord.PlacesIn(["v=TLSRPTv1;rua=" + string.Join(',', Enumerable.Range(0, 100).Select(static i => $"mailto:a{i}@example.com"))]).Count);

    [Theory]
    [InlineData("mailto:a@example.com?subject=x", "a@example.com")]
    [InlineData("mailto:a%2Bb@example.com", "a+b@example.com")]
    [InlineData("mailto:%20@example.com", null)]
    [InlineData("https://example.com/", null)]
    public void An_address_is_taken_out_of_a_place(string place, string? expected) => Assert.Equal(expected, TlsReportRecord.AddressOf(new(place))?.ToString());

    [Fact]
    public void What_is_counted_is_bounded_and_what_was_not_is_told()
    {
        TlsTally tally = new(static () => true, new ManualTimeProvider());
        for (int i = 0; i < TlsTally.MaxKinds + 3; i++)
            tally.Note(new(new($"d{i.ToString(CultureInfo.InvariantCulture)}.example", TlsPolicyKind.None, "d"), "mx", new(TlsResult.Success, "")));
        tally.Note(new(new("D0.example", TlsPolicyKind.None, "d"), "mx", new(TlsResult.Success, ""))); // of a kind that is there
        (IReadOnlyDictionary<TlsSessionKind, long> counts, long dropped) = tally.Take();
        Assert.Equal((TlsTally.MaxKinds, 3, 2), (counts.Count, dropped, counts.Values.Max()));
        string[] large = [.. Enumerable.Repeat(new string('x', 5000), 500)];
        for (int i = 0; i < 1000; i++)
            tally.Note(new(new($"d{i.ToString(CultureInfo.InvariantCulture)}.example", TlsPolicyKind.Sts, "d") { Text = large }, "mx", new(TlsResult.Success, "")));
        (counts, dropped) = tally.Take();
        Assert.Equal(1000, counts.Count + dropped);
        Assert.True(counts.Keys.Sum(static kind => (long)kind.Policy.Length) <= 8 << 20);
        Assert.Empty(tally.Take().Counts);
    }

    [Fact]
    public void Without_a_wish_nothing_is_counted()
    {
        TlsTally tally = new(static () => false, new ManualTimeProvider());
        tally.Note(new(s_policy, "mx", new(TlsResult.Success, "")));
        Assert.Empty(tally.Take().Counts);
    }

    private static TlsReport ExampleReport() => Report(
        (new(s_policy, "mx1.mail.company-y.example", new(TlsResult.Success, "")), 5326),
        (new(s_policy, "mx1.mail.company-y.example", new(TlsResult.CertificateExpired, "")) { From = IPAddress.Parse("2001:db8:abcd:12::1") }, 100),
        (new(s_policy, "mx2.mail.company-y.example", new(TlsResult.StartTlsNotSupported, "")) { From = IPAddress.Parse("2001:db8:abcd:13::1"), To = IPAddress.Parse("203.0.113.56") }, 200),
        (new(s_policy, "mx-backup.mail.company-y.example", new(TlsResult.ValidationFailure, "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED"))
        {
            From = IPAddress.Parse("::ffff:198.51.100.62"), To = IPAddress.Parse("203.0.113.58"),
        }, 3));

    private static TlsReport Report(params (TlsSession Session, int Times)[] sessions)
    {
        TlsTally tally = new(static () => true, new ManualTimeProvider());
        foreach ((TlsSession session, int times) in sessions)
        {
            for (int i = 0; i < times; i++)
                tally.Note(session);
        }

        long day = TlsTally.DayOf(new(2016, 4, 1, 0, 0, 0, TimeSpan.Zero));
        return new(new("Company-X", "sts-reporting@company-x.example"), day, "company-y.example",
            [.. tally.Take().Counts.OrderBy(static one => one.Key.Failure, StringComparer.Ordinal).Select(static one => (one.Key, one.Value))]);
    }

    internal static JsonNode Uncompressed(byte[] report)
    {
        using GZipStream gzip = new(new MemoryStream(report), CompressionMode.Decompress);
        using StreamReader reader = new(gzip, Encoding.UTF8);
        return JsonNode.Parse(reader.ReadToEnd())!;
    }
}
