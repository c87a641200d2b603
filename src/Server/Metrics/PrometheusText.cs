using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace FullStack.Server.Metrics;

/// <summary>Writes measurements in Prometheus' text format, version 0.0.4, when they are asked for.</summary>
/// <remarks>
/// Names follow OpenTelemetry's rules for Prometheus: dots become underscores, the unit is the end of the name (<c>_seconds</c>, <c>_bytes</c>), and sums that
/// only grow end in <c>_total</c>.
/// </remarks>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusText : BaseExporter<Metric>, IPullMetricExporter
{
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly TimeSpan CollectTime = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();

    public Func<int, bool>? Collect { get; set; }

    /// <summary>What is measured now.</summary>
    /// <returns>Null where that took too long.</returns>
    public byte[]? Read()
    {
        lock (_lock)
        {
            _text.Clear();
            return Collect is { } collect && collect((int)CollectTime.TotalMilliseconds) ? Encoding.UTF8.GetBytes(_text.ToString()) : null;
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        foreach (Metric metric in batch)
            Write(metric);
        return ExportResult.Success;
    }

    /// <summary>The name by which Prometheus knows an instrument.</summary>
    /// <param name="name">The instrument's.</param>
    /// <param name="unit">Its unit, in UCUM; what stands in braces only says what is counted.</param>
    /// <param name="isSum">It only grows.</param>
    public static string NameOf(string name, string unit, bool isSum)
    {
        string suffix = unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            "1" => "_ratio",
            _ => "",
        };
        string plain = name.Replace('.', '_').Replace('-', '_');
        return (plain.EndsWith(suffix, StringComparison.Ordinal) ? plain : plain + suffix) + (isSum ? "_total" : "");
    }

    private void Write(Metric metric)
    {
        bool isSum = metric.MetricType is MetricType.LongSum or MetricType.DoubleSum, isHistogram = metric.MetricType == MetricType.Histogram;
        string name = NameOf(metric.Name, metric.Unit, isSum);
        _text.Append("# HELP ").Append(name).Append(' ').Append(metric.Description.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal)).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(isSum ? " counter\n" : isHistogram ? " histogram\n" : " gauge\n");
        foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
        {
            if (isHistogram)
                WriteHistogram(name, in point);
            else
                WriteSample(name, point.Tags, null, ValueOf(metric.MetricType, in point));
        }
    }

    private void WriteHistogram(string name, in MetricPoint point)
    {
        long count = 0;
        foreach (HistogramBucket bucket in point.GetHistogramBuckets())
        {
            count += bucket.BucketCount;
            string bound = double.IsPositiveInfinity(bucket.ExplicitBound) ? "+Inf" : TextOf(bucket.ExplicitBound);
            WriteSample(name + "_bucket", point.Tags, bound, TextOf(count));
        }

        WriteSample(name + "_sum", point.Tags, null, TextOf(point.GetHistogramSum()));
        WriteSample(name + "_count", point.Tags, null, TextOf(point.GetHistogramCount()));
    }

    private void WriteSample(string name, ReadOnlyTagCollection tags, string? bound, string value)
    {
        _text.Append(name);
        char before = '{';
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            WriteLabel(before, tag.Key, Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "");
            before = ',';
        }

        if (bound is not null)
        {
            WriteLabel(before, "le", bound);
            before = ',';
        }

        _text.Append(before == ',' ? "} " : " ").Append(value).Append('\n');
    }

    private void WriteLabel(char before, string name, string value)
    {
        _text.Append(before).Append(name.Replace('.', '_')).Append("=\"");
        foreach (char c in value)
        {
            _ = c switch
            {
                '\\' => _text.Append(@"\\"),
                '"' => _text.Append("\\\""),
                '\n' => _text.Append(@"\n"),
                _ => _text.Append(c),
            };
        }

        _text.Append('"');
    }

    private static string ValueOf(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => TextOf(point.GetSumLong()),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => TextOf(point.GetSumDouble()),
        MetricType.LongGauge => TextOf(point.GetGaugeLastValueLong()),
        MetricType.DoubleGauge => TextOf(point.GetGaugeLastValueDouble()),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    private static string TextOf(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string TextOf(long value) => value.ToString(CultureInfo.InvariantCulture);
}
