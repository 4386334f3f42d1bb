"""The test key pair. It is public on purpose, is for tests only, and protects nothing.

Every sandbox trusts the public key and signs its callbacks with the private one. Never use it for anything real.
"""

from base64 import b64encode

PRIVATE_KEY_PEM = """\
-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDa5yZt/k0k5K0l
V0EnLyMz6KjKme/MgC7jJ9xqzBDtfWPmo3ksdHr69ClFSGf0OLtI26z35qnID0SL
vI9bYXUvCAG0zwGzdVnKjti8RhkS7iSeMBpzvGJUI5JXMInGSm1wDxoar6wMz1vw
M1NjrCUVY5rKYO1pAh9mPvKja2RVEZd8YyEPYkcSgCLr5PnCPrI/EiWdjF0wsMxa
xgUOAAOIPfUaNwPvEshyrn/R/vysv0aD35fD1ioHI6aLG70xMaMMnkyKsfce3adN
TPh3NjV7w1SIGw9mTGuVrW0GdbSmMGv7vh7N5cuJ6pwiZf+KUnvh5DhVD6broKYK
81B/KOXFAgMBAAECggEAEiyvZOIAgy/mTUufifKQtGpce0fJIFxDKFKCqy5KuIEY
5okLkjyQil3zwEAY+26rZArzIzj4Pzc/TG/JIj/m9BLw21N1k3IKlLYD+ivCwK7b
hPO++n15V32FlK4fvkInMG7cjrsnqH+d5UVJpuSfxpUYwLVH+Ng3haxzxkwwDhzq
qcJbtfLX6G3IKveKR8j9uogSJwQqazHFF0bDq4Be5znjLIR4VPP2zZZWIXlGqbCT
ESXTD02rb0onDOkVSyNoIM8HaOrQB91xHfPxzhYfRYOSmwFq07n/BCPkflV1IKlO
ksFJAETLSP1+cGMUMIw/DdlPmw0NxSMzeeIUEd2DmQKBgQD70YtQfoaxBzx5hJ93
pYToMOLiRIVaD/rdcZytbJrmWZKZx5tOBgcmE07mEIJ5ZRJIkwYErQgbyRAt8CIP
tuIbQyJmT4l6kKF+qLL5EzPERJ+wkPfmNG0WdyEAZq9occlf+QLoeU0666s9HMnR
1hLgRPYtCa3OAr+5dhxCJ/3r3QKBgQDeia9X04KvEo9AZ3ArThoDefgjPsJ3YNQH
0g5T16OxPONBJRslsDKQ81s9CHl1xF2HDUKfffJmmb64vZiqtAp5lIYoQ/gco87L
549LOAXoLoBg1gCxwbTcORmD1+q8+SMKLEIBJuL+CdhQ2rORzfaVpStrnrhjhxQz
fZWCMunXCQKBgH8v1gqg7UzKl9vUhWq7+gYAcwfPjf7wJUflkznwqcgAo8/yBloB
J2kuxWHkItJHn1VylM6VyoumIPri14FSYJ9eaCh+sbRrCnZbpJGzBilyc6mNfvgR
sKtxHgUC2EOLfSdxMOvUIJLK52FlgfXvBvepPSGASv3LW6TDqAAuDM0tAoGAKpyI
o7OPcYCHR5jG5LPmzUWcmvsYd41l7D1vmuROptB233GAej374L+Id+5Ye5FnK0YB
vNJ8CONlnrBHPGCPJOqoqasiJjHDlk23pXqLvwKweFph9aeWvxh75z//5cF60Sba
WKgejPBLqGfIPKIIlmzzHH9e5UfnOVjRuQWQuykCgYEAvyWuBZndjRwSrpIViq3u
afStG/TXorJkskma4BkF2CEpNI/dvpwIZI+lQD/LDzTZAtWhCuVfnd3dE52oeMFt
At2XF68K1r1Mld05FLxE8ILn8mR/w4EuZTmo7v4BMtLhRZkkzPwhlaHX6aVJT/Cv
dZJstVhyuUw7RFajVZDId6o=
-----END PRIVATE KEY-----
"""
"""PKCS#8, 2048 bits."""

PUBLIC_KEY_PEM = """\
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA2ucmbf5NJOStJVdBJy8j
M+ioypnvzIAu4yfcaswQ7X1j5qN5LHR6+vQpRUhn9Di7SNus9+apyA9Ei7yPW2F1
LwgBtM8Bs3VZyo7YvEYZEu4knjAac7xiVCOSVzCJxkptcA8aGq+sDM9b8DNTY6wl
FWOaymDtaQIfZj7yo2tkVRGXfGMhD2JHEoAi6+T5wj6yPxIlnYxdMLDMWsYFDgAD
iD31GjcD7xLIcq5/0f78rL9Gg9+Xw9YqByOmixu9MTGjDJ5MirH3Ht2nTUz4dzY1
e8NUiBsPZkxrla1tBnW0pjBr+74ezeXLieqcImX/ilJ74eQ4VQ+m66CmCvNQfyjl
xQIDAQAB
-----END PUBLIC KEY-----
"""
"""SubjectPublicKeyInfo of the same key."""

PRIVATE_KEY_BASE64 = b64encode(PRIVATE_KEY_PEM.encode()).decode()
"""The private key in the form in which partners receive theirs: base64 of the PEM text, final newline included."""
