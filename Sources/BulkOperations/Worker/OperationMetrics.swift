import Metrics

/// The metrics of a worker.
struct OperationMetrics: Sendable {
    private let chunks: Counter
    private let items: Counter
    private let failedItems: Counter
    private let depth: Gauge
    private let retries: Counter
    private let time: Metrics.Timer
    private let factory: any MetricsFactory

    init(_ factory: any MetricsFactory) {
        self.factory = factory
        chunks = Counter(label: "bulk_operations_chunks_total", factory: factory)
        items = Counter(label: "bulk_operations_items_total", factory: factory)
        failedItems = Counter(label: "bulk_operations_failed_items_total", factory: factory)
        depth = Gauge(label: "bulk_operations_queue_depth", factory: factory)
        retries = Counter(label: "bulk_operations_retries_total", factory: factory)
        time = Metrics.Timer(label: "bulk_operations_chunk_duration", factory: factory)
    }

    func recordChunk(itemCount: Int, time duration: Duration) {
        chunks.increment()
        items.increment(by: itemCount)
        time.record(duration: duration)
    }

    func recordRetry() { retries.increment() }

    func recordDepth(_ count: Int) { depth.record(count) }

    func recordEnd(of operation: BulkOperation) {
        let state = ("state", operation.state.rawValue)
        Counter(label: "bulk_operations_total", dimensions: [state], factory: factory).increment()
        failedItems.increment(by: operation.counts.failed)
    }
}
