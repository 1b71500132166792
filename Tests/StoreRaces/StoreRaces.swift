import CacheMiddleware
import Foundation
import ResponseCacheRedis

/// One of several processes that change, purge, store and look up the same data through one server, and check what they find:
///
/// ```
/// StoreRaces shared|tiered|reused URL PREFIX NUMBER COUNT SECONDS
/// ```
///
/// With `reused` the processes read through a cache with a tier in memory, and use the responses of hits again.
///
/// Prints statistics. Exits with 1 if it has found an entry that is older than a completed purge.
@main
struct StoreRaces {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 7, let number = Int(arguments[4]), let count = Int(arguments[5]),
            let seconds = Double(arguments[6])
        else {
            print("StoreRaces shared|tiered|reused URL PREFIX NUMBER COUNT SECONDS")
            exit(2)
        }
        var clientSettings = RedisClientSettings()
        clientSettings.commandTimeout = .seconds(20)
        clientSettings.connectTimeout = .seconds(20)
        let client = try RedisClient(url: arguments[2], settings: clientSettings)
        var settings = RedisStoreSettings()
        settings.prefix = arguments[3]
        // Small enough that purges are dropped.
        settings.purgeLimit = 150
        let shared = RedisStore(client, settings: settings)
        let checker: Checker
        var service: Task<Void, Never>?
        if arguments[1] != "shared" {
            let tiered = TieredStore(memory: MemoryStore(byteLimit: 1 << 20), shared: shared)
            service = Task { await tiered.run() }
            while !tiered.isHearingChanges { try await Task.sleep(for: .milliseconds(1)) }
            checker = Checker(
                tiered, client: client, prefix: arguments[3], tolerance: .seconds(2),
                isReusing: arguments[1] == "reused")
        } else {
            checker = Checker(shared, client: client, prefix: arguments[3], tolerance: .zero)
        }
        try await checker.run(process: number, of: count, for: .seconds(seconds))
        print(checker.report)
        service?.cancel()
        await client.shutDown()
        exit(checker.isRight ? 0 : 1)
    }
}
