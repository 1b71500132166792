#if RedisTLS
import Foundation
import NIOSSL
import TestSupport
import Testing

@testable import ResponseCacheRedis

@Suite(
    .enabled(if: RedisServer.isInstalled, RedisServer.skipReason),
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "openssl makes the certificates"),
    .serialized, .timeLimit(.minutes(5)))
struct RedisTLSTests {
    /// A server that talks TLS on a port, with a certificate for localhost and 127.0.0.1 that only itself vouches for.
    static func withServer(_ body: (RedisFixture, _ port: Int, _ certificate: String) async throws -> Void) async throws
    {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (certificate, key) = (directory + "/certificate.pem", directory + "/key.pem")
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        try #require(openssl.terminationStatus == 0)
        let port = Int.random(in: 20_000..<32_768)
        let arguments = [
            "--tls-port", "\(port)", "--tls-cert-file", certificate, "--tls-key-file", key,
            "--tls-ca-cert-file", certificate, "--tls-auth-clients", "no",
        ]
        try await RedisFixture.with(arguments: arguments) { try await body($0, port, certificate) }
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func `A server is let in whose certificate is for its name or address`(host: String) async throws {
        try await Self.withServer { redis, port, certificate in
            let client = try redis.client(url: "rediss://\(host):\(port)") { $0.tls.trustRoots = .file(certificate) }
            try await client.ping()
        }
    }

    @Test func `A server is refused for which nobody vouches`() async throws {
        try await Self.withServer { redis, port, _ in
            let client = try redis.client(url: "rediss://localhost:\(port)")
            await #expect(throws: RedisError.self) { try await client.ping() }
        }
    }

    @Test func `A server is refused that has another name`() async throws {
        try await Self.withServer { redis, port, certificate in
            // An address of this machine too, which the certificate does not have.
            let client = try redis.client(url: "rediss://127.0.0.2:\(port)") { $0.tls.trustRoots = .file(certificate) }
            await #expect(throws: RedisError.self) { try await client.ping() }
        }
    }

    @Test func `A server that talks no TLS is not talked to without`() async throws {
        try await Self.withServer { redis, _, certificate in
            let client = try redis.client(url: "rediss://localhost:\(redis.server.port)") {
                $0.tls.trustRoots = .file(certificate)
                $0.connectTimeout = .seconds(1)
            }
            await #expect(throws: RedisError.self) { try await client.ping() }
        }
    }
}
#endif
