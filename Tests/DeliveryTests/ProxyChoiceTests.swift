import Foundation
import Testing

@testable import Delivery

/// Through which proxy an address is reached.
@Suite struct ProxyChoiceTests {
    private func choice(_ address: String, _ environment: [String: String]) throws -> ProxyChoice? {
        try ProxyChoice.of(try #require(URL(string: address)), environment: environment)
    }

    @Test func theSchemeChoosesTheVariableAndSmallLettersWin() throws {
        let environment = [
            "HTTPS_PROXY": "http://a:1", "HTTP_PROXY": "http://b:2", "ALL_PROXY": "http://c:3", "https_proxy": "d:4",
        ]
        #expect(try choice("https://example.org/", environment)?.description == "d:4")
        #expect(try choice("http://example.org/", environment)?.description == "b:2")
        #expect(try choice("http://example.org/", ["all_proxy": "socks5://c"])?.description == "c:1080")
        #expect(try choice("https://example.org/", ["HTTP_PROXY": "http://b:2", "HTTPS_PROXY": ""]) == nil)
        #expect(try choice("https://example.org/", [:]) == nil)
        #expect(try choice("https://example.org/", ["HTTPS_PROXY": "proxy"])?.port == 80)
    }

    @Test func aPasswordIsTakenAndNotShown() throws {
        let choice = try #require(try choice("https://example.org/", ["HTTPS_PROXY": "http://me:hunt%40er2@p:8080/"]))
        #expect(choice.credentials == ProxyChoice.Credentials(user: "me", password: "hunt@er2"))
        #expect(choice.description == "p:8080")
        #expect(!"\(choice)\(String(describing: choice.credentials))".contains("er2"))
    }

    @Test(arguments: [
        "https://me:hunter2@p:1", "http://me:hunter2@:1", "ftp://me:hunter2@p", "http://me:hunter2@p:0",
        "socks5://me:hunter2@p:1", "http://me:hunter2@p:x y",
    ])
    func whatIsNoProxyIsRefusedWithoutItsPassword(value: String) throws {
        do {
            _ = try choice("https://example.org/", ["HTTPS_PROXY": value])
            Issue.record("\(value) was taken")
        } catch let problem as ProxyProblem {
            #expect(problem.description.contains("HTTPS_PROXY") && !problem.description.contains("hunter2"))
        }
    }

    @Test(arguments: [
        ("*", true), ("example.org", true), (".example.org", true), ("*.example.org", true), ("org", true),
        ("ple.org", false), ("hook.example.org:443", true), ("hook.example.org:8443", false),
        ("a, HOOK.example.org", true),
        ("", false), ("example.com,10.0.0.0/8", false),
    ])
    func exceptionsAreNamesAndWhatIsBelow(exceptions: String, isDirect: Bool) throws {
        let environment = ["HTTPS_PROXY": "http://p:1", "NO_PROXY": exceptions]
        #expect(try (choice("https://hook.example.org/x", environment) == nil) == isDirect)
    }

    @Test func exceptionsAreAddressesAndRanges() throws {
        for (exceptions, isDirect) in [
            ("10.0.0.0/8", true), ("10.1.2.3", true), ("11.0.0.0/8", false), ("10.1.2.3:8443", true),
            ("10.1.2.3:1", false),
            ("0.0.0.0/0", true), ("10.1.2.3/33", false),
        ] {
            let environment = ["HTTP_PROXY": "http://p:1", "no_proxy": exceptions]
            #expect(try (choice("http://10.1.2.3:8443/x", environment) == nil) == isDirect, "\(exceptions)")
        }
        for (exceptions, isDirect) in [
            ("fd00::/8", true), ("fd12:0:0::1", true), ("[fd12::1]:8443", true), ("[fd12::1]:80", false),
            ("fd00::/16", false), ("::/0", true), ("fd00::/129", false), ("10.0.0.0/8", false), ("0.0.0.0/0", false),
            ("other.example,fd00::/8", true),
        ] {
            let environment = ["HTTP_PROXY": "http://p:1", "no_proxy": exceptions]
            #expect(try (choice("http://[fd12::1]:8443/x", environment) == nil) == isDirect, "\(exceptions)")
        }
        // What no other reader takes for an address is none here either.
        for exceptions in ["+10.0.0.0/8", "010.0.0.0/8", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0/8", "10.0.0.0/", "/8"] {
            let environment = ["HTTP_PROXY": "http://p:1", "no_proxy": exceptions]
            #expect(try choice("http://10.1.2.3:8443/x", environment) != nil, "\(exceptions)")
        }
        #expect(try choice("http://[::1]:80/", ["HTTP_PROXY": "http://p:1", "NO_PROXY": "::1"]) == nil)
    }
}
