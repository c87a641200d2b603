using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace FullStack.Server.Metrics;

/// <summary>Gathers what a server measures, for whoever asks by HTTP and for a collector that it is sent to.</summary>
internal sealed class MetricsExport : IDisposable
{
    /// <summary>The runtime's own: garbage collection, threads, exceptions.</summary>
    private const string RuntimeMeter = "System.Runtime";

    private readonly MeterProvider _provider;

    /// <param name="meter">The server's meter; others of its name in this process are left out.</param>
    /// <param name="configuration">Where to.</param>
    /// <param name="hostName">The server, among several that send to one collector.</param>
    public MetricsExport(Meter meter, MetricsConfiguration configuration, string hostName)
    {
        MeterProviderBuilder builder = Sdk.CreateMeterProviderBuilder()
            .AddMeter(meter.Name, RuntimeMeter)
            .AddView(instrument => instrument.Meter == meter || instrument.Meter.Name == RuntimeMeter ? null : MetricStreamConfiguration.Drop)
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService("fullstack", serviceInstanceId: hostName))
            .AddReader(new BaseExportingMetricReader(Prometheus));
        if (configuration.Collector is { } collector)
        {
            builder.AddOtlpExporter((exporter, reader) =>
            {
                exporter.Endpoint = collector;
                exporter.Protocol = configuration.Protocol == CollectorProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)configuration.Interval.TotalMilliseconds;
            });
        }

        _provider = builder.Build();
    }

    public PrometheusText Prometheus { get; } = new();

    public void Dispose() => _provider.Dispose();
}
