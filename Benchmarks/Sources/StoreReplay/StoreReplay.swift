import Foundation

/// Runs a `MemoryStore` on traces of keys, under churn, and with one and two threads.
///
/// ```
/// store-replay --entries 1000 < trace        # one key per line, or a key and the size of its body
/// store-replay --bytes 268435456 < trace
/// store-replay --churn [--bytes N] [--inserts N]
/// store-replay --threads
/// ```
@main
struct StoreReplay {
    static func main() {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let bytes = number("--bytes", in: &arguments)
        let entries = number("--entries", in: &arguments)
        let inserts = number("--inserts", in: &arguments)
        switch (arguments, bytes, entries) {
        case (["--churn"], _, nil): Churn(byteLimit: bytes ?? 256 << 20, inserts: inserts ?? 10_000_000).run()
        case (["--threads"], nil, nil): ThreadScaling().run()
        case ([], let bytes?, nil): Replay(limit: .bytes(bytes)).run()
        case ([], nil, let entries?): Replay(limit: .entries(entries)).run()
        default:
            print(
                """
                usage: store-replay --entries N | --bytes N     reads keys, one a line, each with a size or without
                       store-replay --churn [--bytes N] [--inserts N]
                       store-replay --threads
                """)
            exit(2)
        }
    }

    /// Removes an option with a number from the arguments and returns the number.
    private static func number(_ name: String, in arguments: inout [String]) -> Int? {
        guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count,
            let value = Int(arguments[index + 1]), value > 0
        else { return nil }
        arguments.removeSubrange(index...(index + 1))
        return value
    }
}
