#if Hummingbird
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdPipeline
import HummingbirdTesting
import Testing

@testable import Resources

@Suite(.timeLimit(.minutes(1))) struct DocumentationPageTests {
    @Test func `The page is served with a policy for its own script`() async throws {
        let document = OpenAPIDocument(title: "<b>\"Q&A\"</b>", version: "1")
        let router = Router(context: BasicPipelineRequestContext.self)
        router.add(document)
        router.add(document.page())
        try await Application(router: router).test(.live) { client in
            let page = try await client.executeRequest(uri: "/docs", method: .get, headers: [:], body: nil)
            let text = String(buffer: page.body)
            #expect(text.contains("<title>&lt;b&gt;&quot;Q&amp;A&quot;&lt;/b&gt;</title>") && !text.contains("<b>"))
            let policy = try #require(page.headers[HTTPField.Name("Content-Security-Policy")!])
            for (name, content) in [("script", DocumentationPage.script), ("style", DocumentationPage.style)] {
                let hash = Data(SHA256.hash(data: Data(content.utf8))).base64EncodedString()
                #expect(policy.contains("\(name)-src 'sha256-\(hash)'"), "the hash of the \(name)")
                #expect(text.contains("<\(name)>\(content)</\(name)>"))
            }
            #expect(!policy.contains("unsafe"))
            #expect(!text.contains("://") && !text.contains("innerHTML"))
            let tag = try #require(page.headers[.eTag])
            let second = try await client.executeRequest(
                uri: "/docs", method: .get, headers: [.ifNoneMatch: "\"x\", \(tag)"], body: nil)
            #expect(second.status == .notModified)
            let head = try await client.executeRequest(uri: "/openapi.json", method: .head, headers: [:], body: nil)
            #expect(head.status == .ok && head.headers[.contentLength] == "\(document.json.utf8.count)")
        }
    }

    @Test(arguments: [
        ("/docs", "openapi.json"), ("/docs/", "../openapi.json"), ("/a/b/docs", "../../openapi.json"),
        ("/\"><script>", "openapi.json"),
    ]) func `The document is found relative to the page`(path: String, reference: String) {
        let page = OpenAPIDocument(title: "", version: "1").page(at: path)
        #expect(page.html.contains("data-document=\"\(reference)\""))
    }
}
#endif
