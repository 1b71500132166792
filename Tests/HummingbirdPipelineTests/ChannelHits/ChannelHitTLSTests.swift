#if Hummingbird
import Foundation
import HummingbirdTLS
import NIOSSL
import Testing

@Suite(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "openssl is not installed"),
    .timeLimit(.minutes(2)))
struct ChannelHitTLSTests {
    @Test(arguments: ["/small", "/large"])
    func `Hits are answered behind TLS`(path: String) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (certificate, key) = (folder.path + "/certificate.pem", folder.path + "/key.pem")
        try Self.makeCertificate(certificate, key: key)
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        var client = TLSConfiguration.makeClientConfiguration()
        client.trustRoots = .file(certificate)
        let context = try NIOSSLContext(configuration: client)
        let server = HitServer()
        try await server.run(server.router(), in: { try .tls($0, tlsConfiguration: configuration) }) { port in
            let connection = try await RawConnection(port: port, tls: context)
            var responses: Set<String> = []
            for _ in 0..<6 {
                let request = "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n"
                responses.insert(RawConnection.withoutDate(try await connection.response(to: request)))
            }
            // The first is a miss.
            #expect(responses.count == 2)
            #expect((server.answered.value, server.handled.value) == (4, 1))
            try await connection.close()
        }
    }

    private static func makeCertificate(_ certificate: String, key: String) throws {
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        try #require(openssl.terminationStatus == 0)
    }
}
#endif
