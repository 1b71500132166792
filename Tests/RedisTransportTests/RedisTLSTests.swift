#if RedisTLS
import Foundation
import NIOSSL
import TestSupport
import Testing

@testable import RedisTransport

@Suite(
    .enabled(if: RedisServer.isInstalled, RedisServer.skipReason),
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "openssl is not installed"),
    .serialized, .timeLimit(.minutes(5)))
struct RedisTLSTests {
    /// Runs a test with a TLS server, which has a self-signed certificate for localhost and 127.0.0.1.
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
    func `A certificate for the name or address is accepted`(host: String) async throws {
        try await Self.withServer { redis, port, certificate in
            let client = try redis.client(url: "rediss://\(host):\(port)") { $0.tls.trustRoots = .file(certificate) }
            try await client.ping()
        }
    }

    @Test func `A certificate without a trusted issuer is rejected`() async throws {
        try await Self.withServer { redis, port, _ in
            let client = try redis.client(url: "rediss://localhost:\(port)")
            await #expect(throws: RedisError.self) { try await client.ping() }
        }
    }

    @Test func `A certificate for another name is rejected`() async throws {
        try await Self.withServer { redis, port, certificate in
            // Another loopback address, which the certificate does not contain.
            let client = try redis.client(url: "rediss://127.0.0.2:\(port)") { $0.tls.trustRoots = .file(certificate) }
            await #expect(throws: RedisError.self) { try await client.ping() }
        }
    }

    @Test func `TLS is never downgraded`() async throws {
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
