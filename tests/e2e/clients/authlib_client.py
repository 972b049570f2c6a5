"""What an application does with Authlib, step by step: a question in JSON on each line of the input, an answer on each of the output."""

import json
import sys

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import KeySet


class Application:
    def discover(self, issuer, client_id, method, credential, alg=None, **registered):
        self.metadata = requests.get(f'{issuer}/.well-known/openid-configuration').json()
        jwt_methods = {'private_key_jwt': PrivateKeyJWT, 'client_secret_jwt': ClientSecretJWT}
        if method in jwt_methods:
            method = jwt_methods[method](self.metadata['token_endpoint'], alg=alg)
        self.session = OAuth2Session(
            client_id, credential, token_endpoint_auth_method=method, revocation_endpoint_auth_method=method,
            code_challenge_method='S256', **registered,
        )
        return {'issuer': self.metadata['issuer']}

    def authorize(self, verifier, **more):
        url, state = self.session.create_authorization_url(self.metadata['authorization_endpoint'], code_verifier=verifier, **more)
        self.state = state
        return {'url': url}

    def arrive(self, url, verifier, nonce):
        token = self.session.fetch_token(
            self.metadata['token_endpoint'], authorization_response=url, code_verifier=verifier, state=self.state,
        )
        keys = KeySet.import_key_set(requests.get(self.metadata['jwks_uri']).json())
        found = jwt.decode(token['id_token'], keys, algorithms=self.metadata['id_token_signing_alg_values_supported'])
        jwt.JWTClaimsRegistry(
            iss={'essential': True, 'value': self.metadata['issuer']}, aud={'essential': True, 'value': self.session.client_id},
            nonce={'essential': True, 'value': nonce}, exp={'essential': True}, iat={'essential': True},
        ).validate(found.claims)
        user = self.session.get(self.metadata['userinfo_endpoint']).json()
        return {'header': found.header, 'claims': found.claims, 'user': user, 'token': token}

    def refresh(self):
        return self.session.refresh_token(self.metadata['token_endpoint'])

    def machine(self, scope):
        return self.session.fetch_token(self.metadata['token_endpoint'], grant_type='client_credentials', scope=scope)

    def introspect(self, token):
        return self.session.introspect_token(self.metadata['introspection_endpoint'], token).json()

    def revoke(self, token):
        return {'status': self.session.revoke_token(self.metadata['revocation_endpoint'], token).status_code}


application = Application()
for line in sys.stdin:
    question = json.loads(line)
    try:
        answer = getattr(application, question.pop('do'))(**question)
    except Exception as error:  # what the library raises is the answer
        answer = {'raised': type(error).__name__, 'error': getattr(error, 'error', str(error))}
    print(json.dumps(answer), flush=True)
